/** The fetcher against a client that does what it is told: no broker, every order of events. */
import type { RecordBatch } from '../log.ts';
import { ReadingStopped } from './client-seek.ts';
import type { NativeConsumer, NativeMessage, NativePartition } from './native-client.ts';
import { PartitionFetcher } from './partition-fetcher.ts';

type End = NativePartition & { readonly offset: number };

/** A client whose queue the test fills. It delivers nothing of what it holds paused. */
class ScriptedConsumer {
  queue: (NativeMessage | { readonly end: End })[] = [];
  readonly assigned = new Map<number, number>();
  readonly paused = new Set<number>();
  readonly calls: string[] = [];
  /** So often the client has not begun to read what is to be sought. */
  refusedSeeks = 0;
  lowOffset = 0;
  highOffset = 1_000_000;
  /** Runs inside a call of consume, before it answers. */
  during: () => void = () => {};
  #ended: (end: End) => void = () => {};

  on(event: string, listener: (end: End) => void): void {
    if (event === 'partition.eof') this.#ended = listener;
  }

  consume(count: number, callback: (error: null, messages: readonly NativeMessage[]) => void) {
    setImmediate(() => {
      const messages: NativeMessage[] = [];
      const ends: End[] = [];
      const left: typeof this.queue = [];
      for (const next of this.queue) {
        const { partition } = 'end' in next ? next.end : next;
        if (this.paused.has(partition) || messages.length === count) left.push(next);
        else if ('end' in next) ends.push(next.end);
        else messages.push(next);
      }
      this.queue = left;
      this.during();
      this.during = () => {};
      for (const end of ends) this.#ended(end);
      callback(null, messages);
    });
  }

  incrementalAssign(partitions: readonly End[]): void {
    this.calls.push(`assign ${partitions.map((it) => `${it.partition}@${it.offset}`).join()}`);
    for (const { partition, offset } of partitions) this.assigned.set(partition, offset);
  }

  incrementalUnassign(partitions: readonly NativePartition[]): void {
    this.calls.push(`unassign ${partitions.map((it) => it.partition).join()}`);
    for (const { partition } of partitions) this.assigned.delete(partition);
  }

  seek({ partition, offset }: End, _timeoutMs: number, callback: (error: Error | null) => void) {
    this.calls.push(`seek ${partition}@${offset}`);
    const isEarly = this.refusedSeeks-- > 0;
    setImmediate(() => callback(isEarly ? new Error('Erroneous state') : null));
  }

  pause(partitions: readonly NativePartition[]): void {
    for (const { partition } of partitions) this.paused.add(partition);
  }

  resume(partitions: readonly NativePartition[]): void {
    for (const { partition } of partitions) this.paused.delete(partition);
  }

  getWatermarkOffsets() {
    return { lowOffset: this.lowOffset, highOffset: this.highOffset };
  }

  setDefaultConsumeTimeout(): void {}
  setDefaultIsTimeoutOnlyForFirstMessage(): void {}
}

const topic = 'orders';

function open(patience = {}) {
  const consumer = new ScriptedConsumer();
  const fetcher = new PartitionFetcher(consumer as unknown as NativeConsumer, patience);
  const put = (partition: number, ...offsets: number[]) => {
    for (const offset of offsets) {
      consumer.queue.push({
        ...{ topic, partition, offset, timestamp: 5 },
        ...{ key: null, value: Buffer.from(`${offset}`) },
      });
    }
    fetcher.signal();
  };
  const end = (partition: number, offset: number) => {
    consumer.queue.push({ end: { topic, partition, offset } });
    fetcher.signal();
  };
  const start = (partition: number, offset = 0n) => fetcher.assign([{ topic, partition, offset }]);
  return { consumer, fetcher, put, end, start };
}

const offsetsOf = (batches: readonly RecordBatch[]) =>
  batches.flatMap(({ records }) => records.map(({ offset }) => Number(offset)));

const run = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test('hands out what was fetched, in order, with where to go on and where the log ends', async () => {
  const { consumer, fetcher, put, start } = open();
  consumer.highOffset = 7;
  start(0);
  put(0, 0, 1, 2);
  const [batch] = await fetcher.poll({ maxWaitMs: 1_000, maxRecords: 2 });
  expect(batch).toMatchObject({ nextOffset: 2n, endOffset: 7n });
  expect(offsetsOf(await fetcher.poll({ maxWaitMs: 1_000 }))).toEqual([2]);
});

test('goes on behind the mark of a transaction, which is no record', async () => {
  const { fetcher, put, end, start } = open();
  start(0);
  put(0, 0, 1);
  end(0, 3);
  expect((await fetcher.poll({ maxWaitMs: 1_000 }))[0]).toMatchObject({ nextOffset: 3n });
  end(0, 5);
  const [empty] = await fetcher.poll({ maxWaitMs: 1_000 });
  expect(empty).toMatchObject({ records: [], nextOffset: 5n });
  expect(await fetcher.poll({ maxWaitMs: 0 })).toEqual([]);
});

test.each([
  ['one offset is left, the mark of a transaction', 4, 3n],
  ['more is left, which may be records', 5, 5n],
])('says what there is to wait for: %s', async (_what, highOffset, endOffset) => {
  const { consumer, fetcher, put, start } = open();
  consumer.highOffset = highOffset;
  start(0);
  put(0, 0, 1, 2);
  const [batch] = await fetcher.poll({ maxWaitMs: 1_000 });
  expect(batch).toMatchObject({ nextOffset: 3n, endOffset });
});

test('waits for the one offset that is left while the client may have it', async () => {
  const { consumer, fetcher, put, start } = open();
  consumer.highOffset = 4;
  start(0);
  put(0, 0, 1, 2);
  consumer.during = () => fetcher.signal();
  const [batch] = await fetcher.poll({ maxWaitMs: 1_000 });
  expect(batch).toMatchObject({ nextOffset: 3n, endOffset: 4n });
});

test('drops what was on its way when a partition was sought anew', async () => {
  const { consumer, fetcher, put, start } = open();
  start(0);
  put(0, 50, 51);
  consumer.during = () => start(0, 10n);
  expect(await fetcher.poll({ maxWaitMs: 0 })).toEqual([]);
  put(0, 10, 11);
  expect(offsetsOf(await fetcher.poll({ maxWaitMs: 1_000 }))).toEqual([10, 11]);
  expect(consumer.calls).toEqual(['assign 0@0', 'seek 0@10']);
});

test('seeks again when the client was not ready for it', async () => {
  const { consumer, fetcher, put, start } = open();
  consumer.refusedSeeks = 2;
  start(0);
  await fetcher.poll({ maxWaitMs: 0 });
  start(0, 10n);
  put(0, 10);
  expect(offsetsOf(await fetcher.poll({ maxWaitMs: 1_000 }))).toEqual([10]);
  expect(consumer.calls).toEqual(['assign 0@0', 'seek 0@10', 'seek 0@10', 'seek 0@10']);
});

test('a client that never seeks has stopped reading', async () => {
  const { consumer, fetcher, start } = open({ seekWithinMs: 30 });
  consumer.refusedSeeks = Number.POSITIVE_INFINITY;
  start(0);
  await fetcher.poll({ maxWaitMs: 0 });
  start(0, 10n);
  await expect(fetcher.poll({ maxWaitMs: 1_000 })).rejects.toBeInstanceOf(ReadingStopped);
});

test('so has one that does not answer; meanwhile a poll ends in its time', async () => {
  const { consumer, fetcher, start } = open({ consumeWithinMs: 1_200 });
  consumer.consume = () => {};
  start(0);
  expect(await fetcher.poll({ maxWaitMs: 10 })).toEqual([]);
  await expect(fetcher.poll({ maxWaitMs: 1_000 })).rejects.toBeInstanceOf(ReadingStopped);
});

test('keeps what it has when it is to go on where it is', async () => {
  const { consumer, fetcher, put, start } = open();
  start(0);
  put(0, 0, 1);
  expect(offsetsOf(await fetcher.poll({ maxWaitMs: 1_000, maxRecords: 1 }))).toEqual([0]);
  start(0, 1n);
  expect(offsetsOf(await fetcher.poll({ maxWaitMs: 1_000 }))).toEqual([1]);
  expect(consumer.calls).toEqual(['assign 0@0']);
});

test('holds a partition back that was paused before it was assigned', async () => {
  const { fetcher, put, start } = open();
  fetcher.pause([{ topic, partition: 0 }]);
  start(0);
  put(0, 0);
  expect(await fetcher.poll({ maxWaitMs: 50 })).toEqual([]);
  fetcher.resume([{ topic, partition: 0 }]);
  expect(offsetsOf(await fetcher.poll({ maxWaitMs: 1_000 }))).toEqual([0]);
});

test('delivers nothing of a partition that has been given away', async () => {
  const { fetcher, put, start } = open();
  start(0);
  start(1);
  put(0, 0);
  put(1, 0);
  await new Promise(setImmediate);
  fetcher.unassign([{ topic, partition: 0 }]);
  const [batch] = await fetcher.poll({ maxWaitMs: 1_000 });
  expect(batch?.partition).toBe(1);
  expect(await fetcher.poll({ maxWaitMs: 0 })).toEqual([]);
});

test('holds a paused partition back and tells the client only when much has piled up', async () => {
  const { consumer, fetcher, put, start } = open();
  start(0);
  start(1);
  fetcher.pause([{ topic, partition: 0 }]);
  put(0, ...run(0, 1_500));
  put(1, 0);
  expect(offsetsOf(await fetcher.poll({ maxWaitMs: 1_000 }))).toEqual([0]);
  expect(consumer.paused.size).toBe(0);
  put(0, ...run(1_500, 4_000));
  for (let i = 0; i < 5; i++) await fetcher.poll({ maxWaitMs: 1 });
  expect([...consumer.paused]).toEqual([0]);
  fetcher.resume([{ topic, partition: 0 }]);
  const seen: number[] = [];
  while (seen.length < 4_000) seen.push(...offsetsOf(await fetcher.poll({ maxWaitMs: 1_000 })));
  expect(seen).toEqual(run(0, 4_000));
  expect(consumer.paused.size).toBe(0);
});

test('a partition that is sought while the client holds it paused flows again', async () => {
  const { consumer, fetcher, put, start } = open();
  start(0);
  start(1);
  fetcher.pause([{ topic, partition: 0 }]);
  put(0, ...run(0, 4_000));
  for (let i = 0; i < 6; i++) await fetcher.poll({ maxWaitMs: 1 });
  expect([...consumer.paused]).toEqual([0]);
  consumer.queue = []; // It fetches anew what is sought.
  start(0, 7n);
  fetcher.resume([{ topic, partition: 0 }]);
  put(0, 7);
  expect(offsetsOf(await fetcher.poll({ maxWaitMs: 1_000 }))).toEqual([7]);
  expect(consumer.paused.size).toBe(0);
});

test('looks behind a partition with much for one with little', async () => {
  const { fetcher, put, start } = open();
  start(0);
  start(1);
  put(0, ...run(0, 5_000));
  put(1, 0);
  const first = await fetcher.poll({ maxWaitMs: 1_000, maxRecords: 30 });
  expect(new Set(first.map(({ partition }) => partition))).toEqual(new Set([0, 1]));
});

test('says how much retention has removed, and says it once', async () => {
  const { consumer, fetcher, put, start } = open();
  start(0);
  put(0, 0);
  await fetcher.poll({ maxWaitMs: 1_000 });
  consumer.lowOffset = 100;
  put(0, 100, 105);
  const [batch] = await fetcher.poll({ maxWaitMs: 1_000 });
  expect(batch).toMatchObject({ lostRecords: 99n, nextOffset: 106n });
  put(0, 106);
  expect((await fetcher.poll({ maxWaitMs: 1_000 }))[0]).not.toHaveProperty('lostRecords');
});

test('refuses a log that goes back: it is not the one that was read', async () => {
  const { fetcher, put, start } = open();
  start(0, 10n);
  put(0, 3);
  await expect(fetcher.poll({ maxWaitMs: 1_000 })).rejects.toMatchObject({
    code: 'STREAMS_OFFSET_OUT_OF_RANGE',
  });
});

test('a poll that waits ends when it is woken and when the fetcher is closed', async () => {
  const { fetcher, put, start } = open();
  start(0);
  const waiting = fetcher.poll({ maxWaitMs: 600_000 });
  await new Promise(setImmediate);
  put(0, 0);
  expect(offsetsOf(await waiting)).toEqual([0]);
  const closing = fetcher.poll({ maxWaitMs: 600_000 });
  await new Promise(setImmediate);
  await fetcher.close();
  expect(await closing).toEqual([]);
});
