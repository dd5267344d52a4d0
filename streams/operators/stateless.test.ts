/** The operators that remember nothing, each through the driver: records in, records out. */
import type { Header } from '../record.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { TopologyTestDriver } from '../testing/topology-test-driver.ts';
import type { KStream } from '../topology/kstream.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';

const text = { key: stringSerde, value: stringSerde };
const words = topic('words', text);
const others = topic('others', text);
const out = topic('out', text);
const rest = topic('rest', text);

type Out = readonly [key: string | undefined, value: string | undefined];

function driverOf(wire: (words: KStream<string, string>, builder: StreamsBuilder) => void) {
  const builder = new StreamsBuilder();
  wire(builder.stream(words), builder);
  return new TopologyTestDriver(builder.build());
}

function pairs(driver: TopologyTestDriver, from = out): Out[] {
  return driver
    .output(from)
    .records()
    .map(({ key, value }) => [key, value] as const);
}

const tea = { key: 'k', value: 'tea' };

type Wire = (words: KStream<string, string>) => KStream<string, string>;
type Case = readonly [name: string, wire: Wire, expected: readonly Out[]];
const cases: readonly Case[] = [
  ['filter keeps what is accepted', (s) => s.filter((v) => v.startsWith('t')), [['k', 'tea']]],
  ['filter leaves out the rest', (s) => s.filter((v) => v.startsWith('p')), []],
  ['filterNot is the opposite', (s) => s.filterNot((v) => v === 'tea'), []],
  ['filter sees the key', (s) => s.filter((_, key) => key === 'k'), [['k', 'tea']]],
  ['map makes a new record', (s) => s.map((r) => ({ key: r.value, value: r.key })), [['tea', 'k']]],
  ['mapValues keeps the key', (s) => s.mapValues((v, key) => `${key}:${v}`), [['k', 'k:tea']]],
  [
    'flatMap makes any number of records',
    (s) => s.flatMap(({ key, value }) => [...value].map((c) => ({ key: c, value: key }))),
    [
      ['t', 'k'],
      ['e', 'k'],
      ['a', 'k'],
    ],
  ],
  [
    'flatMapValues makes any number of values',
    (s) => s.flatMapValues((v) => [...v].slice(1)),
    [
      ['k', 'e'],
      ['k', 'a'],
    ],
  ],
  ['selectKey gives another key', (s) => s.selectKey((v) => v), [['tea', 'tea']]],
];

test.each(cases)('%s', (_name, wire, expected) => {
  const driver = driverOf((stream) => wire(stream).to(out));
  driver.input(words).pipe(tea.key, tea.value);
  expect(pairs(driver)).toEqual(expected);
});

test('peek shows each record and changes none', () => {
  const seen: unknown[] = [];
  const driver = driverOf((stream) => stream.peek((record) => seen.push(record.value)).to(out));
  driver.input(words).pipe('k', 'tea');
  expect(seen).toEqual(['tea']);
  expect(pairs(driver)).toEqual([['k', 'tea']]);
});

test('merge brings two streams together in the order in which their records come', () => {
  const driver = driverOf((stream, builder) => stream.merge(builder.stream(others)).to(out));
  driver.input(others).pipe('o', '1');
  driver.input(words).pipe('w', '2');
  expect(pairs(driver)).toEqual([
    ['o', '1'],
    ['w', '2'],
  ]);
});

describe('split', () => {
  const split = (withRest: boolean) =>
    driverOf((stream) => {
      const branches = stream
        .split()
        .branch(
          'short',
          (value) => value.length < 4,
          (short) => short.to(out),
        )
        .branch(
          'with-e',
          (value) => value.includes('e'),
          (e) => e.to(others),
        );
      if (withRest) branches.otherwise('long', (long) => long.to(rest));
    });
  const pipeAll = (driver: TopologyTestDriver) => {
    for (const value of ['tea', 'kettle', 'sugar']) driver.input(words).pipe('k', value);
  };

  test('sends a record to the first branch that accepts it, and the others to the rest', () => {
    const driver = split(true);
    pipeAll(driver);
    expect(pairs(driver)).toEqual([['k', 'tea']]);
    expect(pairs(driver, others)).toEqual([['k', 'kettle']]);
    expect(pairs(driver, rest)).toEqual([['k', 'sugar']]);
  });

  test('drops what no branch takes, and counts it', () => {
    const driver = split(false);
    pipeAll(driver);
    expect(driver.dropped).toEqual({ 'KSTREAM-BRANCH-0000000001: no-branch': 1 });
  });
});

test('headers and time travel through every operator that forwards a record', () => {
  const headers: Header[] = [{ key: 'trace', value: Buffer.from('t-1') }];
  const driver = driverOf((stream) =>
    stream
      .filter(() => true)
      .map(({ key, value }) => ({ key, value }))
      .mapValues((value) => value)
      .flatMap(({ key, value }) => [{ key, value }])
      .flatMapValues((value) => [value])
      .selectKey((_, key) => key)
      .peek(() => {})
      .repartition('again', text)
      .to(out),
  );
  driver.input(words).pipe('k', 'tea', { timestampMs: 42, headers });
  expect(driver.output(out).records()).toEqual([
    { key: 'k', value: 'tea', timestampMs: 42, headers, partition: 0 },
  ]);
});

test('a tombstone passes through as undefined and is written as a tombstone', () => {
  const driver = driverOf((stream) => stream.filter(() => true).to(out));
  driver.input(words).pipe('k', undefined);
  expect(driver.bytes('out')).toMatchObject([{ key: Buffer.from('k'), value: null }]);
});

describe('a stream and a global table', () => {
  const names = topic('names', text);
  const join = (left: boolean) =>
    driverOf((stream, builder) => {
      const table = builder.globalTable(names, 'name-of');
      const by = (value: string) => value;
      const joined = left
        ? stream.leftJoinGlobal(table, by, (value, name) => `${value}=${name}`)
        : stream.joinGlobal(table, by, (value, name) => `${value}=${name}`);
      joined.to(out);
    });

  test('are joined by the key that a record names, as the table is when the record comes', () => {
    const driver = join(false);
    driver.input(words).pipe('k', 'tea');
    driver.input(names).pipe('tea', 'Assam');
    driver.input(words).pipe('k', 'tea');
    driver.input(names).pipe('tea', undefined);
    driver.input(words).pipe('k', 'tea');
    expect(pairs(driver)).toEqual([['k', 'tea=Assam']]);
  });

  test('left: a record without a row is joined with undefined', () => {
    const driver = join(true);
    driver.input(words).pipe('k', 'tea');
    driver.input(words).pipe('k', undefined);
    expect(pairs(driver)).toEqual([['k', 'tea=undefined']]);
    expect(Object.values(driver.dropped)).toEqual([1]);
  });
});

test('two streams of one topic each get its records', () => {
  const driver = driverOf((stream, builder) => {
    stream.mapValues((value) => `${value}!`).to(out);
    builder
      .stream(words)
      .mapValues((value) => value.length)
      .to(topic('lengths', { key: stringSerde, value: longSerde }));
  });
  driver.input(words).pipe('k', 'tea');
  expect(pairs(driver)).toEqual([['k', 'tea!']]);
  expect(driver.output(topic('lengths', { key: stringSerde, value: longSerde })).values()).toEqual([
    3,
  ]);
});
