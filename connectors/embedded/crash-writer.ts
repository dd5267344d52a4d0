/**
 * Writes items and stock into embedded views until it is killed, and prints each offset that is in.
 * Run by crash.test.ts: `crash-writer.ts <directory>`.
 */
import type { Item, ItemId, Sku } from '#schemas/items';
import { sampleItem, sampleLevel } from '../views/sample-values.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { openEmbeddedViews } from './embedded-views.ts';

const keys = 20;
const changesInBatch = 5;

const views = openEmbeddedViews({ directory: process.argv[2] as string });
const [position] = await views.items.writer.positions();
for (let from = Number(position?.nextOffset ?? 0); ; from += changesInBatch) {
  const offsets = Array.from({ length: changesInBatch }, (_, index) => from + index);
  const items = offsets.map((offset) => {
    const id = `item-${offset % keys}` as ItemId;
    // Each seventh change is a tombstone.
    const item = offset % 7 === 6 ? null : sampleItem(id, { version: offset });
    return [id, item] as const;
  });
  const levels = offsets.map((offset) => {
    const sku = `item-${offset % keys}` as Sku;
    return [sku, sampleLevel(sku, { PUNE: [1 + (offset % 3), 1] }, offset)] as const;
  });
  await views.search.writers.items.apply([batchOf<ItemId, Item>(from, items)]);
  await views.search.writers.stock.apply([batchOf(from, levels)]);
  await views.inventory.writer.apply([batchOf(from, levels)]);
  await views.items.writer.apply([batchOf<ItemId, Item>(from, items)]);
  process.stdout.write(`${from + changesInBatch}\n`);
}
