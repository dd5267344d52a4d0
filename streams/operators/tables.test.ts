/** The operators on tables, each through the driver. */
import { longSerde, stringSerde } from '../serdes.ts';
import { TopologyTestDriver } from '../testing/topology-test-driver.ts';
import type { KTable } from '../topology/kstream.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';

const text = { key: stringSerde, value: stringSerde };
const counts = { key: stringSerde, value: longSerde };
const words = topic('words', text);
const out = topic('out', text);
const numbers = topic('numbers', counts);

function driverOf(wire: (words: KTable<string, string>, builder: StreamsBuilder) => void) {
  const builder = new StreamsBuilder();
  wire(builder.table(words, 'rows'), builder);
  return new TopologyTestDriver(builder.build());
}

type Step = readonly [key: string | undefined, value: string | undefined, timestampMs?: number];

function pipe(driver: TopologyTestDriver, steps: readonly Step[], to = words) {
  for (const [key, value, timestampMs = 0] of steps)
    driver.input(to).pipe(key, value, { timestampMs });
}

const pairs = (driver: TopologyTestDriver) =>
  driver
    .output(out)
    .records()
    .map(({ key, value }) => [key, value]);

describe('a table', () => {
  test('keeps the latest row of each key and forwards every update, deletions too', () => {
    const driver = driverOf((table) => table.toStream().to(out));
    pipe(driver, [
      ['a', '1', 5],
      ['a', '2', 3],
      ['b', '3'],
      ['a', undefined],
      [undefined, 'x'],
    ]);
    expect(pairs(driver)).toEqual([
      ['a', '1'],
      ['a', '2'],
      ['b', '3'],
      ['a', undefined],
    ]);
    expect(driver.store('rows').all()).toEqual([{ key: 'b', value: '3' }]);
    expect(driver.dropped).toEqual({ 'rows: null-key': 1 });
  });

  test('is filtered: a row that is no longer accepted is deleted', () => {
    const driver = driverOf((table) =>
      table
        .filter((value) => value > '1')
        .toStream()
        .to(out),
    );
    pipe(driver, [
      ['a', '2'],
      ['a', '1'],
      ['b', '1'],
      ['a', undefined],
    ]);
    expect(pairs(driver)).toEqual([
      ['a', '2'],
      ['a', undefined],
      // It is not known here whether the row was there: a deletion of nothing is forwarded.
      ['b', undefined],
      ['a', undefined],
    ]);
  });

  test('has its values mapped, and deletions stay deletions', () => {
    const driver = driverOf((table) =>
      table
        .mapValues((value, key) => `${key}${value}`)
        .toStream()
        .to(out),
    );
    pipe(driver, [
      ['a', '1'],
      ['a', undefined],
    ]);
    expect(pairs(driver)).toEqual([
      ['a', 'a1'],
      ['a', undefined],
    ]);
  });
});

test('a table made of a stream under new keys is repartitioned first', () => {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .selectKey((value) => value)
    .toTable('by-value', text)
    .toStream()
    .to(out);
  const driver = new TopologyTestDriver(builder.build());
  pipe(driver, [['a', 'x']]);
  expect(driver.bytes('app-by-value-repartition')).toHaveLength(1);
  expect(pairs(driver)).toEqual([['x', 'x']]);
});

describe('an aggregate', () => {
  test('takes the largest time of its records, and leaves out what has no key or value', () => {
    const builder = new StreamsBuilder();
    builder
      .stream(words)
      .groupByKey('g')
      .aggregate('joined', { ...text, initial: () => '', add: (sum, value) => sum + value })
      .toStream()
      .to(out);
    const driver = new TopologyTestDriver(builder.build());
    pipe(driver, [
      ['a', 'x', 9],
      ['a', 'y', 4],
      ['a', undefined],
      [undefined, 'z'],
    ]);
    const records = driver.output(out).records();
    expect(records.map(({ value, timestampMs }) => [value, timestampMs])).toEqual([
      ['x', 9],
      ['xy', 9],
    ]);
    expect(driver.dropped).toEqual({ 'joined: null-key': 1, 'joined: null-value': 1 });
  });

  test('of a reduction begins with the first value', () => {
    const builder = new StreamsBuilder();
    builder
      .stream(words)
      .groupBy('by-first', (value) => value.slice(0, 1), text)
      .reduce('longest', (a, b) => (b.length > a.length ? b : a), text)
      .toStream()
      .to(out);
    const driver = new TopologyTestDriver(builder.build());
    pipe(driver, [
      ['k', 'tea'],
      ['k', 'to'],
      ['k', 'teapot'],
    ]);
    expect(pairs(driver)).toEqual([
      ['t', 'tea'],
      ['t', 'tea'],
      ['t', 'teapot'],
    ]);
  });
});

describe('a table that is grouped by another key', () => {
  const counted = (wire: (table: KTable<string, string>) => KTable<string, string> = (t) => t) =>
    driverOf((table) =>
      wire(table)
        .groupBy('by-value', ({ key, value }) => ({ key: value, value: key }), text)
        .count('per-value')
        .toStream()
        .to(numbers),
    );
  const updates = (driver: TopologyTestDriver) =>
    driver
      .output(numbers)
      .records()
      .map(({ key, value }) => [key, value]);

  test('moves a row from its old group to its new one', () => {
    const driver = counted();
    pipe(driver, [
      ['a', 'red'],
      ['b', 'red'],
      ['a', 'blue'],
      ['b', undefined],
    ]);
    expect(updates(driver)).toEqual([
      ['red', 1],
      ['red', 2],
      ['red', 1],
      ['blue', 1],
      ['red', 0],
    ]);
  });

  test('is not moved by an update within the group', () => {
    const driver = counted();
    pipe(driver, [
      ['a', 'red'],
      ['a', 'red'],
    ]);
    expect(driver.bytes('app-by-value-repartition')).toHaveLength(2);
    expect(updates(driver)).toEqual([
      ['red', 1],
      ['red', 1],
    ]);
  });

  test('counts only the rows that a filter before it keeps', () => {
    const driver = counted((table) => table.filter((value) => value !== 'red'));
    pipe(driver, [
      ['a', 'red'],
      ['a', 'blue'],
      ['b', undefined],
      ['a', 'red'],
    ]);
    expect(updates(driver)).toEqual([
      ['blue', 1],
      ['blue', 0],
    ]);
  });
});

test('grouping the rows of an aggregate subtracts nothing that was never added', () => {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .groupByKey('g')
    .count('per-key')
    .groupBy('by-count', ({ key, value }) => ({ key: String(value), value: key }), text)
    .count('keys-with-count')
    .toStream()
    .to(numbers);
  const driver = new TopologyTestDriver(builder.build());
  pipe(driver, [
    ['a', 'x'],
    ['b', 'x'],
    ['a', 'x'],
  ]);
  expect(driver.store('keys-with-count').all()).toEqual([
    { key: '1', value: 1 },
    { key: '2', value: 1 },
  ]);
});

describe('a stream and a table', () => {
  const prices = topic('prices', text);
  const joined = (left: boolean, rekey: boolean) => {
    const builder = new StreamsBuilder();
    const table = builder.table(prices, 'prices');
    const keyed = builder.stream(words);
    const stream = rekey ? keyed.map(({ value }) => ({ key: value, value })) : keyed;
    const repartitioned = rekey ? stream.repartition('by-word', text) : stream;
    const result = left
      ? repartitioned.leftJoin(table, (value, price) => `${value}:${price}`)
      : repartitioned.join(table, (value, price) => `${value}:${price}`);
    result.to(out);
    return new TopologyTestDriver(builder.build());
  };

  test('inner: a record without a row is left out; the table brings forth nothing', () => {
    const driver = joined(false, false);
    pipe(driver, [['a', 'x', 9]]);
    pipe(driver, [['a', '5', 99]], prices);
    pipe(driver, [
      ['a', 'y', 9],
      ['a', undefined],
      [undefined, 'z'],
    ]);
    expect(driver.output(out).records()).toMatchObject([{ value: 'y:5', timestampMs: 9 }]);
    expect(Object.values(driver.dropped)).toEqual([1, 1]);
  });

  test('left: a record without a row is joined with undefined, even one without a key', () => {
    const driver = joined(true, false);
    pipe(driver, [
      ['a', 'x'],
      [undefined, 'y'],
    ]);
    expect(driver.output(out).values()).toEqual(['x:undefined', 'y:undefined']);
  });

  test('meet in the partition of the key, after a repartition', () => {
    const driver = joined(false, true);
    pipe(driver, [['x', '7']], prices);
    pipe(driver, [['a', 'x']]);
    expect(pairs(driver)).toEqual([['x', 'x:7']]);
  });

  test('are brought together by a repartition of their own when the key was changed', () => {
    const builder = new StreamsBuilder();
    const table = builder.table(prices, 'prices');
    builder
      .stream(words)
      .selectKey((value) => value)
      .join(table, (value, price) => `${value}:${price}`, { name: 'priced' })
      .to(out);
    const driver = new TopologyTestDriver(builder.build(), { partitions: 5 });
    pipe(driver, [['x', '7']], prices);
    pipe(driver, [['a', 'x']]);
    expect(driver.bytes('app-priced-repartition')).toHaveLength(1);
    expect(pairs(driver)).toEqual([['x', 'x:7']]);
  });
});
