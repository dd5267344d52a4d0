import { longSerde, stringSerde } from '../serdes.ts';
import { keyValueStore } from '../state/store.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { TopologyTestDriver } from './topology-test-driver.ts';

const text = { key: stringSerde, value: stringSerde };
const words = topic('words', text);
const echoes = topic('echoes', text);
const lengths = keyValueStore('lengths', { key: stringSerde, value: longSerde });

/** Echoes every word without its last letter, until none is left, through a topic that it reads. */
function echoing() {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .merge(builder.stream(echoes))
    .processValues('echo', {
      stores: { lengths },
      process: ({ key, value }, stores) => {
        if (value === 'boom') throw new Error('no echo');
        stores.lengths.put(key, value.length);
        return value.length > 1 ? [value.slice(0, -1)] : [];
      },
    })
    .to(echoes);
  return builder.build();
}

test('what is written to a topic that the topology reads is read', () => {
  const driver = new TopologyTestDriver(echoing());
  driver.input(words).pipe('k', 'tea');
  expect(driver.output(echoes).values()).toEqual(['te', 't']);
  expect(driver.store(lengths).get('k')).toBe(1);
});

test('records of several partitions are in the tasks of their keys, stores are read over all', () => {
  const driver = new TopologyTestDriver(echoing(), { partitions: 8 });
  const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`);
  for (const key of keys) driver.input(words).pipe(key, 'x');
  expect(
    driver
      .store(lengths)
      .all()
      .map(({ key }) => key)
      .sort(),
  ).toEqual([...keys].sort());
  expect(driver.store(lengths).get('key-7')).toBe(1);
  expect(driver.store(lengths).get('nobody')).toBeUndefined();
});

test('a reading answers with what came since the last one', () => {
  const driver = new TopologyTestDriver(echoing());
  const output = driver.output(echoes);
  driver.input(words).pipe('k', 'ab');
  expect(output.values()).toEqual(['a']);
  expect(output.values()).toEqual([]);
});

test('the default time of a record is the wall clock of the test', () => {
  const driver = new TopologyTestDriver(echoing(), { startMs: 500 });
  driver.advanceWallClock(20);
  driver.input(words).pipe('k', 'ab');
  expect(driver.output(echoes).records()).toMatchObject([{ timestampMs: 520 }]);
});

test('dead letters and changelogs are read as bytes', () => {
  const driver = new TopologyTestDriver(echoing());
  driver.input(words).pipe('k', 'x', { timestampMs: 3 });
  driver.input(words).pipe('k', 'boom', { timestampMs: 4 });
  expect(driver.changelog('lengths')).toMatchObject([
    { key: Buffer.from('k'), value: longSerde.serialize(1), timestampMs: 3 },
  ]);
  expect(driver.deadLetters()).toMatchObject([{ value: Buffer.from('boom'), timestampMs: 4 }]);
});

test('names a topic or a store that the topology does not have', () => {
  const driver = new TopologyTestDriver(echoing());
  expect(() => driver.input(topic('other', text))).toThrow(
    expect.objectContaining({ code: 'STREAMS_TOPIC_UNKNOWN' }),
  );
  expect(() => driver.store('other')).toThrow(
    expect.objectContaining({ code: 'STREAMS_STORE_UNKNOWN' }),
  );
});
