/**
 * A topology that misbehaves on demand, as its tests run it in threads: words are counted; a word
 * with a meaning of its own first does what it says, in the thread that counts it.
 */
import { avro, keyValueStore, longSerde, StreamsBuilder, stringSerde, topic } from '#streams';

const text = { key: stringSerde, value: stringSerde };

/** `prefix`: for a log that is not the test's own. */
export const topicsOf = (prefix: string) => ({
  lines: topic(`${prefix}lines`, { ...text, partitions: 6 }),
  counts: topic(`${prefix}counts`, { ...text, value: longSerde, partitions: 6 }),
});
export const { lines, counts } = topicsOf('');
export const countStore = keyValueStore('word-counts', { key: stringSerde, value: longSerde });

/**
 * Shared with the test, which sees it change while a thread is busy. [0]: how many threads are stuck.
 * They go on when [1] is not 0. [2]: throws and exits so far.
 */
export interface Signals {
  readonly shared: SharedArrayBuffer;
  readonly prefix?: string;
}

export default function wordCount({ shared, prefix = '' }: Signals) {
  const signal = new Int32Array(shared);
  const { lines, counts } = topicsOf(prefix);
  const builder = new StreamsBuilder();
  builder
    .stream(lines)
    .flatMapValues((line) => line.split(' '))
    .groupBy('by-word', (word) => word, text)
    .count('word-counts')
    .toStream()
    .peek(({ key }) => misbehave(key, signal))
    .mapValues((count) => count ?? 0)
    .to(counts);
  return builder.build();
}

/** `throw` and `exit` do so once for all threads: it is done again, and then it must go well. */
function misbehave(word: string, signal: Int32Array): void {
  if (word === 'stuck') {
    Atomics.add(signal, 0, 1);
    Atomics.wait(signal, 1, 0);
  }
  if (word !== 'throw' && word !== 'exit') return;
  if (Atomics.add(signal, 2, 1) > 0) return;
  if (word === 'exit') process.exit(7);
  setImmediate(() => {
    throw new Error('thrown outside of any record');
  });
}

/** A punctuator that fails: the application in the thread does, not the thread. */
export function failing() {
  const builder = new StreamsBuilder();
  builder.stream(lines).process('fail', {
    process: () => {},
    punctuators: [
      {
        time: 'wall-clock',
        everyMs: 1,
        punctuate: () => {
          throw new Error('planned');
        },
      },
    ],
  });
  return builder.build();
}

export const notAFunction = 'no topology';

export function noTopology() {
  return new StreamsBuilder();
}

const { int, nullable, record, string, withDefault } = avro;

/** What was written before `price` was there. */
export const oldItem = record('Item', { name: string });
const item = record('Item', { name: string, price: withDefault(nullable(int), null) });
export const oldItems = topic('items', { key: stringSerde, value: oldItem, partitions: 1 });
const items = topic('items', { key: stringSerde, value: item, partitions: 1 });
export const prices = topic('prices', { ...text, partitions: 1 });

/** Reads records whose schema only the registry knows. */
export function priceList() {
  const builder = new StreamsBuilder();
  builder
    .stream(items)
    .mapValues(({ name, price }) => `${name}: ${price ?? 'not for sale'}`)
    .to(prices);
  return builder.build();
}
