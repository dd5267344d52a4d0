import type { RecordBatch } from '../log/log.ts';
import { RecordQueue } from './record-queue.ts';

function batch(from: number, to: number, nextOffset = to): RecordBatch {
  const offsets = Array.from({ length: to - from }, (_, at) => BigInt(from + at));
  const records = offsets.map((offset) => ({
    key: null,
    value: null,
    timestampMs: 0,
    headers: [],
    offset,
  }));
  const next = BigInt(nextOffset);
  return { topic: 't', partition: 0, records, nextOffset: next, endOffset: next };
}

function queueOf(records: number): RecordQueue {
  const queue = new RecordQueue({ topic: 't', partition: 0 });
  queue.begin(0n, 0n);
  queue.add(batch(0, records));
  return queue;
}

function take(queue: RecordQueue, count: number): void {
  for (let i = 0; i < count; i++) queue.take();
}

test('a commit covers what was taken when it was prepared, and not what is taken meanwhile', () => {
  const queue = queueOf(5);
  take(queue, 2);
  expect(queue.offsetToCommit).toBe(2n);
  queue.prepare();
  expect([queue.consumed, queue.offsetToCommit]).toEqual([0, undefined]);
  take(queue, 1);
  expect([queue.consumed, queue.offsetToCommit]).toEqual([1, 3n]);
  queue.committed();
  expect([queue.consumed, queue.offsetToCommit]).toEqual([1, 3n]);
  expect(queue.head?.offset).toBe(3n);
  queue.rollback();
  expect(queue.head?.offset).toBe(2n);
  expect(queue.buffered).toBe(3);
});

test('a commit that fails brings back what it covered and what was taken since', () => {
  const queue = queueOf(5);
  take(queue, 2);
  queue.prepare();
  take(queue, 2);
  queue.rollback();
  expect(queue.head?.offset).toBe(0n);
  expect([queue.consumed, queue.offsetToCommit]).toEqual([0, undefined]);
  take(queue, 1);
  expect(queue.offsetToCommit).toBe(1n);
});

test('records that come while a commit is in flight do not move what it says', () => {
  const queue = new RecordQueue({ topic: 't', partition: 0 });
  queue.begin(0n, 9n);
  queue.add(batch(0, 2, 4));
  take(queue, 2);
  expect(queue.offsetToCommit).toBe(4n);
  queue.prepare();
  queue.add(batch(6, 7));
  queue.committed();
  // Offsets 4 and 5 were compacted away: the position has moved, though nothing was taken.
  expect(queue.offsetToCommit).toBe(6n);
  queue.prepare();
  queue.committed();
  expect([queue.buffered, queue.offsetToCommit]).toEqual([1, undefined]);
});
