/** Finds the first record at or after a time. Timestamps are in no order, so it looks at each batch. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { batchRange } from './keys.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import type { PartitionState } from './partition-state.ts';
import { BatchDecoder, batchHeader } from './record-batch.ts';

/** Batches looked at before others get a turn: about a millisecond. */
const batchesATurn = 512;

export async function findOffsetForTime(
  storage: OrderedStorage,
  partition: PartitionState,
  timestampMs: number,
): Promise<number> {
  const { end } = partition;
  let from = partition.beginning;
  while (from < end) {
    const looked = lookAt(storage, partition, { from, end, timestampMs });
    if (looked.found !== undefined) return looked.found;
    if (looked.next === from) break;
    from = looked.next;
    await nextTurn();
  }
  return end;
}

function lookAt(
  storage: OrderedStorage,
  partition: PartitionState,
  search: { readonly from: number; readonly end: number; readonly timestampMs: number },
): { readonly found?: number; readonly next: number } {
  const { from, end, timestampMs } = search;
  let next = from;
  let looked = 0;
  for (const [, stored] of storage.range('batches', batchRange(partition.id, from, end))) {
    const header = batchHeader(stored);
    if (header.maxTimestampMs >= timestampMs) {
      const batch = new BatchDecoder(stored, `${partition.topic}-${partition.partition}`);
      for (let record = batch.next(from); record; record = batch.next()) {
        if (record.timestampMs >= timestampMs) return { found: Number(record.offset), next };
      }
    }
    next = header.nextOffset;
    looked += 1;
    if (looked === batchesATurn) break;
  }
  return { next };
}
