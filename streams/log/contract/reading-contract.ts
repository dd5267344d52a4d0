/** Readers: where they start, how much they take, when they wait. */
import type { ConsumedRecord } from '../log.ts';
import {
  codeOf,
  newTopic,
  type OpenWith,
  produced,
  readerAt,
  take,
  values,
} from './contract-fixture.ts';

export function readingTests(openWith: OpenWith): void {
  test('reads on from any offset', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(['a', 'b', 'c', 'd'].map((value) => produced(topic, value)));
    for (const offset of [0, 1, 2, 3]) {
      const reader = readerAt(log, topic, BigInt(offset));
      expect(values(await take(reader, 4 - offset))).toEqual(['a', 'b', 'c', 'd'].slice(offset));
      await reader.close();
    }
  });

  test('gives at most maxRecords, and nothing twice', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(Array.from({ length: 10 }, (_, i) => produced(topic, `${i}`)));
    const reader = readerAt(log, topic);
    const seen: ConsumedRecord[] = [];
    while (seen.length < 10) {
      const records = (await reader.poll({ maxRecords: 3, maxWaitMs: 1_000 })).flatMap(
        (batch) => batch.records,
      );
      expect(records.length).toBeLessThanOrEqual(3);
      seen.push(...records);
    }
    expect(seen.map(({ offset }) => Number(offset))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('tells how far a batch reads and where the partition ends', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(['a', 'b', 'c'].map((value) => produced(topic, value)));
    const reader = readerAt(log, topic);
    let [batch] = await reader.poll({ maxRecords: 2, maxWaitMs: 1_000 });
    while (batch === undefined) [batch] = await reader.poll({ maxRecords: 2, maxWaitMs: 1_000 });
    expect(batch.nextOffset).toBe((batch.records.at(-1)?.offset ?? -1n) + 1n);
    const { offsets } = await log.describeTopic(topic.name);
    // The end of a transaction, which is no record, may be counted or not.
    expect(batch.endOffset).toBeGreaterThanOrEqual(3n);
    expect(batch.endOffset).toBeLessThanOrEqual(offsets[0]?.end as bigint);
  });

  test('finds the first record at or after a time', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    for (const timestampMs of [100, 300, 200, 400]) {
      await log.append([produced(topic, 'x', { timestampMs })]);
    }
    const at = (timestampMs: number) =>
      log.offsetForTime({ topic: topic.name, partition: 0 }, timestampMs);
    expect(await Promise.all([0, 100, 101, 300, 301, 401].map(at))).toEqual([
      0n,
      0n,
      1n,
      1n,
      3n,
      4n,
    ]);
  });

  test('refuses to wait for an offset that is not there yet', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append([produced(topic, 'a')]);
    const reader = readerAt(log, topic, 5n);
    expect(await codeOf(take(reader, 1))).toBe('STREAMS_OFFSET_OUT_OF_RANGE');
  });
}

export function waitingTests(openWith: OpenWith): void {
  test('reads nothing more of a partition that it is told to leave, until it is told again', async () => {
    const topic = newTopic({ partitions: 2 });
    const log = await openWith([topic]);
    const reader = readerAt(log, topic);
    reader.assign([{ topic: topic.name, partition: 1, offset: 0n }]);
    await log.append([0, 1].map((partition) => produced(topic, 'first', { partition })));
    await take(reader, 2);
    reader.unassign([{ topic: topic.name, partition: 0 }]);
    await log.append([0, 1].map((partition) => produced(topic, 'second', { partition })));
    expect((await take(reader, 1)).map(({ partition }) => partition)).toEqual([1]);
    expect(await reader.poll({ maxWaitMs: 20 })).toEqual([]);
    reader.assign([{ topic: topic.name, partition: 0, offset: 1n }]);
    expect(values(await take(reader, 1))).toEqual(['second']);
    await reader.close();
  });

  test('answers an empty poll after its time', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    expect(await readerAt(log, topic).poll({ maxWaitMs: 0 })).toEqual([]);
    expect(await readerAt(log, topic).poll({ maxWaitMs: 20 })).toEqual([]);
  });

  test('wakes a reader that waits', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const waiting = take(readerAt(log, topic), 1, { maxWaitMs: 600_000 });
    await log.append([produced(topic, 'a')]);
    expect(values(await waiting)).toEqual(['a']);
  });

  test('ends a poll that waits when the reader is closed', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const reader = readerAt(log, topic);
    const waiting = reader.poll({ maxWaitMs: 600_000 });
    await reader.close();
    expect(await waiting).toEqual([]);
    // Whoever goes on polling would never let anybody else run.
    expect(await codeOf(reader.poll({ maxWaitMs: 0 }))).toBe('STREAMS_LOG_CLOSED');
  });

  test('lets no partition starve another', async () => {
    const topic = newTopic({ partitions: 3 });
    const log = await openWith([topic]);
    for (const partition of [0, 1, 2]) {
      const many = partition === 0 ? 5_000 : 1;
      await log.append(Array.from({ length: many }, () => produced(topic, 'x', { partition })));
    }
    const reader = log.openReader();
    reader.assign([0, 1, 2].map((partition) => ({ topic: topic.name, partition, offset: 0n })));
    const seen = new Set<number>();
    for (let polls = 0; polls < 6 && seen.size < 3; polls++) {
      for (const batch of await reader.poll({ maxRecords: 30, maxWaitMs: 1_000 })) {
        seen.add(batch.partition);
      }
    }
    expect(seen.size).toBe(3);
  });
}
