/** The topology of word-count-in-threads.ts, in a module that every thread imports. */
import { longSerde, StreamsBuilder, stringSerde as text, topic } from '#streams';

export const lines = topic('lines', { key: text, value: text });
const counts = topic('word-counts', { key: text, value: longSerde, cleanupPolicy: 'compact' });

export default function wordCount() {
  const builder = new StreamsBuilder();
  builder
    .stream(lines)
    .flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [])
    .groupBy('by-word', (word) => word, { key: text, value: text })
    .count('counts')
    .toStream()
    .to(counts);
  return builder.build();
}
