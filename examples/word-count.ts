/**
 * Counts words, exactly once, on a durable log in a directory. Run it twice: the second run goes on
 * with the counts of the first.
 *
 *   node --import tsx examples/word-count.ts [directory]
 */
import {
  longSerde,
  StreamsApplication,
  StreamsBuilder,
  stringSerde as text,
  topic,
} from '#streams';
import { openEmbeddedLog } from '#streams/embedded';

const lines = topic('lines', { key: text, value: text });
const counts = topic('word-counts', { key: text, value: longSerde, cleanupPolicy: 'compact' });

const builder = new StreamsBuilder();
builder
  .stream(lines)
  .flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [])
  .groupBy('by-word', (word) => word, { key: text, value: text })
  .count('counts')
  .toStream()
  .to(counts);

const log = await openEmbeddedLog({ directory: process.argv[2] ?? './data/word-count' });
const application = new StreamsApplication({
  applicationId: 'word-count',
  topology: builder.build(),
  log,
  registry: log.schemaRegistry,
});
await application.start();
await application.running();

const store = application.store({ name: 'counts', key: text, value: longSerde });
const before = (await store.get('be')) ?? 0;

await log.append(
  ['To be, or not to be', 'that is the question'].map((line) => ({
    topic: lines.name,
    key: null,
    value: text.serialize(line),
    timestampMs: Date.now(),
    headers: [],
  })),
);

// The answer comes with the next commit, a few milliseconds later.
const shortly = () => new Promise((resolve) => setTimeout(resolve, 5));
while (((await store.get('be')) ?? 0) < before + 2) await shortly();
console.log(`be: ${await store.get('be')}`);

await application.close();
await log.close();
