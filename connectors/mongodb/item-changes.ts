/** A log of items for tests, always the same: each seventh change is a tombstone. */
import type { Item, ItemId } from '#schemas/items';
import { sampleItem } from '../views/sample-values.ts';
import type { ChangeBatch } from '../views/view.ts';
import { batchOf } from '../views/view-writer-contract.ts';

export const itemCount = 20;
export const changesInBatch = 5;

const idOf = (offset: number) => `item-${offset % itemCount}` as ItemId;

export function changesFrom(from: number, count = changesInBatch): ChangeBatch<ItemId, Item> {
  const offsets = Array.from({ length: count }, (_, index) => from + index);
  return batchOf<ItemId, Item>(
    from,
    offsets.map((offset) => {
      const id = idOf(offset);
      return [id, offset % 7 === 6 ? null : sampleItem(id, { version: offset })] as const;
    }),
  );
}

/** The version of each item that the changes below `end` leave, by id. */
export function foldUpTo(end: number): Map<string, number> {
  const versions = new Map<string, number>();
  for (let offset = 0; offset < end; offset += 1) {
    if (offset % 7 === 6) versions.delete(idOf(offset));
    else versions.set(idOf(offset), offset);
  }
  return versions;
}
