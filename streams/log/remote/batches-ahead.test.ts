import type { ConsumedRecord, RecordBatch } from '../log.ts';
import { BatchesAhead, type TakeLimits } from './batches-ahead.ts';

const value = Buffer.from('ten bytes!');

function record(offset: number): ConsumedRecord {
  return { key: null, value, timestampMs: 0, headers: [], offset: BigInt(offset) };
}

function batch(partition: number, offsets: readonly number[], end: number): RecordBatch {
  const nextOffset = BigInt((offsets.at(-1) ?? end - 1) + 1);
  const records = offsets.map(record);
  return { topic: 't', partition, records, nextOffset, endOffset: BigInt(end) };
}

/** `partition: offsets > next offset / end`. */
function taken(ahead: BatchesAhead, limits: TakeLimits = {}): string[] {
  return ahead.take(limits).map(({ partition, records, nextOffset, endOffset }) => {
    const offsets = records.map(({ offset }) => offset).join(',');
    return `${partition}: ${offsets} > ${nextOffset}/${endOffset}`;
  });
}

test('gives one batch of a partition at a time, and knows the latest end', () => {
  const ahead = new BatchesAhead();
  ahead.add([batch(0, [0, 1], 2), batch(1, [5], 6)], 0);
  ahead.add([batch(0, [2], 9)], 0);
  expect(taken(ahead)).toEqual(['0: 0,1 > 2/9', '1: 5 > 6/6']);
  expect(taken(ahead)).toEqual(['0: 2 > 3/9']);
  expect(taken(ahead)).toEqual([]);
});

test('splits a batch that is too long for whoever takes it, and tells a loss once', () => {
  const ahead = new BatchesAhead();
  ahead.add([{ ...batch(0, [3, 7, 8], 20), lostRecords: 2n }], 0);
  const [first] = ahead.take({ maxRecords: 1 });
  expect(first).toMatchObject({ nextOffset: 7n, lostRecords: 2n });
  expect(taken(ahead, { maxBytes: 5 })).toEqual(['0: 7 > 8/20']);
  const [last] = ahead.take({});
  expect(last).toMatchObject({ nextOffset: 9n });
  expect(last).not.toHaveProperty('lostRecords');
});

test('passes on where compaction left nothing', () => {
  const ahead = new BatchesAhead();
  ahead.add([batch(0, [], 9)], 0);
  expect(taken(ahead)).toEqual(['0:  > 9/9']);
});

test('keeps what is paused for later', () => {
  const ahead = new BatchesAhead();
  ahead.pause([{ topic: 't', partition: 0 }]);
  ahead.add([batch(0, [0], 1), batch(1, [0], 1)], 0);
  expect(taken(ahead)).toEqual(['1: 0 > 1/1']);
  expect(ahead.hasSome).toBe(false);
  ahead.resume([{ topic: 't', partition: 0 }]);
  expect(ahead.hasSome).toBe(true);
  expect(taken(ahead)).toEqual(['0: 0 > 1/1']);
});

test('drops what was read before the partition was put elsewhere, here or on its way', () => {
  const ahead = new BatchesAhead();
  ahead.add([batch(0, [0], 9), batch(1, [0], 9)], 0);
  ahead.reposition({ topic: 't', partition: 0 }, 1);
  ahead.add([batch(0, [1], 9)], 0);
  ahead.add([batch(0, [5], 9)], 1);
  expect(taken(ahead)).toEqual(['1: 0 > 1/9', '0: 5 > 6/9']);
});

test('drops what belongs to somebody else now', () => {
  const ahead = new BatchesAhead();
  ahead.add([batch(0, [0], 9), batch(1, [0], 9)], 0);
  ahead.forget({ topic: 't', partition: 0 });
  expect(taken(ahead)).toEqual(['1: 0 > 1/9']);
});
