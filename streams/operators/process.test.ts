import type { ProcessContext } from '../processor.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { keyValueStore } from '../state/store.ts';
import { TopologyTestDriver } from '../testing/topology-test-driver.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';

const text = { key: stringSerde, value: stringSerde };
const words = topic('words', text);
const out = topic('out', text);
const names = topic('names', text);
const counts = keyValueStore('counts', { key: stringSerde, value: longSerde });

type Context = ProcessContext<string, string, { counts: typeof counts }, {}>;

function driverOf(
  process: (value: string, context: Context) => void,
  punctuators: {
    readonly time: 'stream-time' | 'wall-clock';
    readonly everyMs: number;
    readonly punctuate: (nowMs: number, context: Context) => void;
  }[] = [],
) {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .process<string, string, { counts: typeof counts }>('rule', {
      stores: { counts },
      process: (record, context) => process(record.value, context),
      punctuators,
    })
    .to(out);
  return new TopologyTestDriver(builder.build(), { startMs: 1_000, seed: 7 });
}

test('a processor forwards what it likes, with the time and headers of its record or its own', () => {
  const mine = [{ key: 'mine', value: null }];
  const theirs = [{ key: 'theirs', value: Buffer.from('x') }];
  const driver = driverOf((value, context) => {
    context.forward({ key: 'same', value });
    context.forward({ key: 'own', value, timestampMs: 5, headers: mine });
  });
  driver.input(words).pipe('k', 'tea', { timestampMs: 3, headers: theirs });
  expect(driver.output(out).records()).toEqual([
    { key: 'same', value: 'tea', timestampMs: 3, headers: theirs, partition: 0 },
    { key: 'own', value: 'tea', timestampMs: 5, headers: mine, partition: 0 },
  ]);
});

test('a processor knows the time, the place and the headers of its record', () => {
  const seen: unknown[] = [];
  const driver = driverOf((_, { streamTimeMs, wallClockMs, recordMetadata, headers }) => {
    seen.push({ streamTimeMs, wallClockMs, recordMetadata, headers });
  });
  driver.input(words).pipe('k', 'a', { timestampMs: 9 });
  driver.input(words).pipe('k', 'b', { timestampMs: 3 });
  expect(seen).toEqual(
    [0n, 1n].map((offset) => ({
      streamTimeMs: 9,
      wallClockMs: 1_000,
      recordMetadata: { topic: 'words', partition: 0, offset },
      headers: [],
    })),
  );
});

test('chance comes from the seed: the same driver draws the same numbers', () => {
  const draw = () => {
    const drawn: number[] = [];
    const driver = driverOf((_, context) => void drawn.push(context.random(), context.random()));
    driver.input(words).pipe('k', 'a');
    return drawn;
  };
  expect(draw()).toEqual(draw());
  expect(new Set(draw()).size).toBe(2);
});

test('a record that a processor chose not to use is counted with its reason', () => {
  const driver = driverOf((_, context) => context.dropped('unknown-word'));
  driver.input(words).pipe('k', 'a');
  driver.input(words).pipe('k', 'b');
  expect(driver.dropped).toEqual({ 'rule: unknown-word': 2 });
});

describe('punctuators', () => {
  test('of the wall clock fire once an interval, and never catch up what they missed', () => {
    const fired: number[] = [];
    const driver = driverOf(() => {}, [
      { time: 'wall-clock', everyMs: 10, punctuate: (nowMs) => void fired.push(nowMs) },
    ]);
    for (const ms of [9, 1, 1, 35, 4, 1]) driver.advanceWallClock(ms);
    expect(fired).toEqual([1_010, 1_046, 1_050]);
  });

  test('of stream time fire with the first record, then on a grid through the epoch', () => {
    const fired: number[] = [];
    const driver = driverOf(() => {}, [
      { time: 'stream-time', everyMs: 10, punctuate: (nowMs) => void fired.push(nowMs) },
    ]);
    driver.advanceWallClock(1_000);
    for (const timestampMs of [7, 9, 10, 5, 45, 49, 50]) {
      driver.input(words).pipe('k', 'x', { timestampMs });
    }
    expect(fired).toEqual([7, 10, 45, 50]);
  });

  test('use stores and forward at their own time, with no headers and no place', () => {
    const driver = driverOf(
      (value, { stores }) => stores.counts.put(value, (stores.counts.get(value) ?? 0) + 1),
      [
        {
          time: 'wall-clock',
          everyMs: 10,
          punctuate: (_, { stores, forward, recordMetadata }) => {
            for (const { key, value } of stores.counts.all()) {
              forward({ key, value: `${value} ${recordMetadata}` });
              stores.counts.delete(key);
            }
          },
        },
      ],
    );
    for (const value of ['tea', 'pot', 'tea']) driver.input(words).pipe('k', value);
    driver.advanceWallClock(10);
    expect(driver.output(out).records()).toMatchObject([
      { key: 'pot', value: '1 undefined', timestampMs: 1_010, headers: [] },
      { key: 'tea', value: '2 undefined', timestampMs: 1_010, headers: [] },
    ]);
    expect(driver.store(counts).all()).toEqual([]);
  });
});

test('processValues keeps key, time and headers, and may forward nothing or much', () => {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .processValues('letters', { process: ({ value }) => [...value] })
    .to(out);
  const driver = new TopologyTestDriver(builder.build());
  driver.input(words).pipe('k', 'ab', { timestampMs: 4 });
  driver.input(words).pipe('k', '', { timestampMs: 5 });
  expect(driver.output(out).records()).toMatchObject([
    { key: 'k', value: 'a', timestampMs: 4 },
    { key: 'k', value: 'b', timestampMs: 4 },
  ]);
});

test('two processors share a store, which makes them one sub-topology', () => {
  const builder = new StreamsBuilder();
  builder.stream(words).processValues('count', {
    stores: { counts },
    process: ({ key }, stores) => {
      stores.counts.put(key, (stores.counts.get(key) ?? 0) + 1);
      return [];
    },
  });
  builder
    .stream(names)
    .processValues('look', {
      stores: { counts },
      process: ({ key }, stores) => [String(stores.counts.get(key))],
    })
    .to(out);
  const topology = builder.build();
  expect(topology.subTopologies).toHaveLength(1);
  const driver = new TopologyTestDriver(topology);
  driver.input(words).pipe('k', 'a');
  driver.input(names).pipe('k', '?');
  expect(driver.output(out).values()).toEqual(['1']);
});

test('a processor reads a global table by key, by range and by prefix', () => {
  const builder = new StreamsBuilder();
  const table = builder.globalTable(names, 'name-of');
  builder
    .stream(words)
    .processValues('look', {
      tables: { table },
      process: ({ value }, _stores, { tables }) => [
        String(tables.table.get(value)),
        [...tables.table.range('a', 'b')].map((entry) => entry.key).join(),
        [...tables.table.prefixScan('t')].map((entry) => entry.value).join(),
        [...tables.table.all()].length.toString(),
      ],
    })
    .to(out);
  const driver = new TopologyTestDriver(builder.build());
  for (const [key, value] of [
    ['tea', 'Assam'],
    ['b', 'B'],
    ['a', 'A'],
    ['toast', 'Rye'],
  ] as const) {
    driver.input(names).pipe(key, value);
  }
  driver.input(words).pipe('k', 'tea');
  expect(driver.output(out).values()).toEqual(['Assam', 'a,b', 'Assam,Rye', '4']);
});
