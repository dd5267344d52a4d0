import { longSerde, stringSerde, windowedSerde } from '../serdes.ts';
import { TopologyTestDriver } from '../testing/topology-test-driver.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { hoppingWindows, type TimeWindows, tumblingWindows } from '../windows/time-windows.ts';

const words = topic('words', { key: stringSerde, value: stringSerde });
const out = topic('out', { key: windowedSerde(stringSerde, 10), value: longSerde });

function counting(windows: TimeWindows) {
  const builder = new StreamsBuilder();
  builder.stream(words).groupByKey('g').windowedBy(windows).count('counts').toStream().to(out);
  const driver = new TopologyTestDriver(builder.build());
  const at = (timestampMs: number, key = 'k') =>
    driver.input(words).pipe(key, 'x', { timestampMs });
  const starts = () =>
    driver
      .output(out)
      .records()
      .map(({ key }) => key.window.startMs);
  return { driver, at, starts };
}

const hopping = hoppingWindows({ sizeMs: 10, advanceMs: 5, graceMs: 5 });

// at: the record's time; now: stream time when it arrives. Windows are 10 ms long, every 5 ms,
// and take records for 5 ms after their end.
test.each`
  at   | now   | windows   | dropped
  ${3} | ${3}  | ${[0]}    | ${{}}
  ${7} | ${7}  | ${[0, 5]} | ${{}}
  ${3} | ${14} | ${[0]}    | ${{}}
  ${3} | ${15} | ${[]}     | ${{ 'counts: late': 1 }}
  ${7} | ${15} | ${[5]}    | ${{ 'counts: late': 1 }}
`('a record of $at ms at $now ms reaches windows $windows', ({ at: ms, now, windows, dropped }) => {
  const { driver, at, starts } = counting(hopping);
  at(now, 'other');
  starts();
  at(ms);
  expect(starts()).toEqual(windows);
  expect(driver.dropped).toEqual(dropped);
});

test('a window keeps counting, and its time never goes back', () => {
  const { driver, at } = counting(hopping);
  at(4);
  at(3);
  const records = driver.output(out).records();
  expect(records.map(({ value, timestampMs }) => [value, timestampMs])).toEqual([
    [1, 4],
    [2, 4],
  ]);
});

test('a window is kept for its size and grace, or longer when the retention says so', () => {
  const short = counting(tumblingWindows({ sizeMs: 10, graceMs: 5 }));
  const long = counting(tumblingWindows({ sizeMs: 10, graceMs: 5, retentionMs: 1_000 }));
  for (const { at } of [short, long]) {
    at(0);
    at(500);
  }
  const startsIn = ({ driver }: typeof short) =>
    driver
      .store('counts')
      .all()
      .map(({ key }) => (key as { window: { startMs: number } }).window.startMs);
  expect(startsIn(short)).toEqual([500]);
  expect(startsIn(long)).toEqual([0, 500]);
});

test('a record without key or value is in no window', () => {
  const { driver, starts } = counting(hopping);
  driver.input(words).pipe(undefined, 'x');
  driver.input(words).pipe('k', undefined);
  expect(starts()).toEqual([]);
  expect(driver.dropped).toEqual({ 'counts: null-key': 1, 'counts: null-value': 1 });
});

test('windows are written to the partition of their key', () => {
  const builder = new StreamsBuilder();
  builder.stream(words).to(topic('copy', { key: stringSerde, value: stringSerde }));
  builder.stream(words).groupByKey('g').windowedBy(hopping).count('counts').toStream().to(out);
  const driver = new TopologyTestDriver(builder.build(), { partitions: 7 });
  for (let i = 0; i < 20; i++) driver.input(words).pipe(`key-${i}`, 'x', { timestampMs: i });
  const partitionOf = new Map(
    driver
      .output(topic('copy', { key: stringSerde, value: stringSerde }))
      .records()
      .map(({ key, partition }) => [key, partition]),
  );
  expect(new Set(partitionOf.values()).size).toBeGreaterThan(2);
  for (const { key, partition } of driver.output(out).records()) {
    expect(partition).toBe(partitionOf.get(key.key));
  }
});
