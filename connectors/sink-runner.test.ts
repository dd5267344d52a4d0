import type { MemoryLog } from '#streams';
import { SinkError } from './sink-error.ts';
import { sinkFeed } from './sink-feed.ts';
import { levels, MemoryView, openLog, produce, rowsOf, start, testTiming } from './sink-fixture.ts';

async function deadLetters(log: MemoryLog) {
  const reader = log.openReader();
  reader.assign([{ topic: 'levels.dead-letters', partition: 0, offset: 0n }]);
  const batches = await reader.poll({ maxWaitMs: 0 });
  await reader.close();
  return batches.flatMap(({ records }) =>
    records.map(({ key, value, headers }) => ({
      key: String(Buffer.from(key ?? [])),
      value,
      facts: Object.fromEntries(
        headers.map((header) => [header.key, String(Buffer.from(header.value ?? []))]),
      ),
    })),
  );
}

test('brings a view up to the log and keeps it there', async () => {
  const log = await openLog();
  const view = new MemoryView();
  await produce(log, [
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['c', 4],
    ['c', null],
  ]);
  const sink = await start(log, view);
  await sink.caughtUp();
  expect(rowsOf(view)).toEqual({ a: 3, b: 2 });

  await produce(log, [
    ['b', null],
    ['d', 5],
  ]);
  await sink.caughtUp();
  expect(rowsOf(view)).toEqual({ a: 3, d: 5 });
  expect(sink.metrics()).toMatchObject({
    records: 7,
    deadLetters: 0,
    retries: 0,
    lag: { 'contract.levels': 0 },
  });
});

test('reads on from where its view stands', async () => {
  const log = await openLog();
  const view = new MemoryView();
  await produce(log, [
    ['a', 1],
    ['b', 2],
  ]);
  const first = await start(log, view);
  await first.caughtUp();
  await first.close();
  await produce(log, [['c', 3]]);
  const second = await start(log, view);
  await second.caughtUp();
  expect(rowsOf(view)).toEqual({ a: 1, b: 2, c: 3 });
  expect(second.metrics().records).toBe(1);
});

test('reads again what a view has not that was rebuilt meanwhile', async () => {
  const log = await openLog();
  const view = new MemoryView();
  await produce(log, [
    ['a', 1],
    ['b', 2],
  ]);
  const sink = await start(log, view);
  await sink.caughtUp();
  view.begin();
  await produce(log, [['a', 3]]);
  await sink.caughtUp();
  expect(rowsOf(view)).toEqual({ a: 3, b: 2 });
});

test('applies no more records at once than it is allowed to, whatever the partitions', async () => {
  const log = await openLog();
  const view = new MemoryView();
  await produce(
    log,
    Array.from({ length: 50 }, (_, index) => [`key-${index}`, index] as const),
  );
  const sink = await start(log, view, { sliceRecords: 7 });
  await sink.caughtUp();
  expect(view.rows.size).toBe(50);
  expect(Math.max(...view.sizes)).toBeLessThanOrEqual(7);
});

test('applies as many at once as its view prefers', async () => {
  const log = await openLog();
  const view = Object.assign(new MemoryView(), { preferredChanges: 3 });
  await produce(
    log,
    Array.from({ length: 20 }, (_, index) => [`key-${index}`, index] as const),
  );
  const sink = await start(log, view);
  await sink.caughtUp();
  expect(view.rows.size).toBe(20);
  expect(Math.max(...view.sizes)).toBe(3);
});

test('tries again with longer and longer waits while the view is unavailable', async () => {
  const log = await openLog();
  const view = new MemoryView();
  view.failures.push(
    ...Array.from({ length: 10 }, () => new SinkError('SINK_UNAVAILABLE', 'connection lost')),
  );
  await produce(log, [['a', 1]]);
  const { timing, slept } = testTiming();
  const troubles: Error[] = [];
  const onTrouble = (error: Error) => troubles.push(error);
  const sink = await start(log, view, { timing, onTrouble });
  await sink.caughtUp();
  expect(rowsOf(view)).toEqual({ a: 1 });
  expect(slept).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  expect(troubles.map(({ message }) => message)).toEqual(Array(10).fill('connection lost'));
  expect(sink.metrics()).toMatchObject({
    retries: 10,
    deadLetters: 0,
    lastError: { message: 'connection lost', atMs: 1_000 },
  });
});

test('tries again after a fault that nobody foresaw, and buries nothing', async () => {
  const log = await openLog();
  const view = new MemoryView();
  view.failures.push(new TypeError('x is not a function'));
  await produce(log, [['a', 1]]);
  const sink = await start(log, view);
  await sink.caughtUp();
  expect(rowsOf(view)).toEqual({ a: 1 });
  expect(await deadLetters(log)).toEqual([]);
});

test.each([[1], [2], [5], [100]])(
  'buries rejected records alone and applies all others, in slices of %i',
  async (sliceRecords) => {
    const log = await openLog();
    const view = new MemoryView();
    view.refuses = (_key, { units }) => units < 0;
    const entries = Array.from({ length: 40 }, (_, index) => [`key-${index}`, index] as const);
    const poisoned = entries.map(
      ([key, units]) => [key, units % 13 === 5 ? -units : units] as const,
    );
    await produce(log, poisoned);
    const sink = await start(log, view, { sliceRecords });
    await sink.caughtUp();
    const wanted = poisoned.filter(([, units]) => units >= 0);
    expect(rowsOf(view)).toEqual(Object.fromEntries(wanted));
    const buried = await deadLetters(log);
    expect(buried.map(({ key }) => key).sort()).toEqual(['key-18', 'key-31', 'key-5']);
    expect(sink.metrics().deadLetters).toBe(3);
  },
);

test('buries what it cannot read with its bytes, its reason and its origin', async () => {
  const log = await openLog();
  const view = new MemoryView();
  const bytes = Buffer.from('not avro');
  const poison = { topic: levels.name, partition: 1, timestampMs: 7, headers: [] };
  await log.append([
    { ...poison, key: Buffer.from('bad'), value: bytes },
    { ...poison, key: null, value: null },
  ]);
  await produce(log, [['a', 1]]);
  const sink = await start(log, view);
  await sink.caughtUp();
  expect(rowsOf(view)).toEqual({ a: 1 });
  const [unreadable, keyless] = await deadLetters(log);
  expect(unreadable).toMatchObject({
    key: 'bad',
    value: bytes,
    facts: {
      '__streams.errors.code': 'STREAMS_RECORD_UNDECODABLE',
      '__streams.errors.topic': 'contract.levels',
      '__streams.errors.partition': '1',
      '__streams.errors.offset': '0',
      '__streams.errors.timestamp': '7',
      '__streams.errors.sink': 'levels',
    },
  });
  expect(keyless?.facts['__streams.errors.message']).toMatch(/no key/);
});

test('refuses a view that was made from another log', async () => {
  const view = new MemoryView();
  const before = await openLog();
  await produce(before, [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  const sink = await start(before, view);
  await sink.caughtUp();
  await expect(start(await openLog(), view)).rejects.toMatchObject({ code: 'SINK_AHEAD_OF_LOG' });
});

test('tells those who wait for it when it is closed before it has caught up', async () => {
  const log = await openLog();
  const view = new MemoryView();
  let blocked = () => {};
  const isBlocked = new Promise<void>((resolve) => {
    blocked = resolve;
  });
  let release = () => {};
  const apply = view.apply;
  view.apply = async (batches) => {
    blocked();
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    await apply(batches);
  };
  await produce(log, [['a', 1]]);
  const sink = await start(log, view, { sliceRecords: 1 });
  await isBlocked;
  await produce(log, [['b', 1]]);
  const waiting = sink.caughtUp();
  const closed = sink.close();
  release();
  await closed;
  await expect(waiting).rejects.toThrow("sink 'levels' was closed before it had caught up");
  expect(rowsOf(view)).toEqual({ a: 1 });
});

test('refuses two feeds of one topic, which one position could not serve', async () => {
  const log = await openLog();
  const feeds = [sinkFeed(levels, new MemoryView()), sinkFeed(levels, new MemoryView())];
  await expect(start(log, new MemoryView(), { feeds })).rejects.toThrow(/two feeds/);
});

test('never leaves a hole in a view that was emptied while nothing came', async () => {
  const log = await openLog();
  const view = new MemoryView();
  await produce(log, [
    ['a', 1],
    ['b', 2],
  ]);
  const sink = await start(log, view);
  await sink.caughtUp();
  view.empty();
  await produce(log, [['a', 3]]);
  await sink.caughtUp();
  expect(rowsOf(view)).toEqual({ a: 3, b: 2 });
});

test('finds by itself that a view was emptied, without anything to write', async () => {
  const log = await openLog();
  const view = new MemoryView();
  const { timing } = testTiming();
  let nowMs = 1_000;
  const troubles: Error[] = [];
  await produce(log, [['a', 1]]);
  const sink = await start(log, view, {
    timing: { ...timing, nowMs: () => nowMs },
    onTrouble: (error) => troubles.push(error),
  });
  await sink.caughtUp();
  view.empty();
  nowMs += 5_000;
  while (view.rows.size === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(rowsOf(view)).toEqual({ a: 1 });
  expect(troubles).toEqual([expect.objectContaining({ code: 'SINK_GAP' })]);
});
