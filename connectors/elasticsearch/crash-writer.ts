/**
 * Writes items and stock into search on Elasticsearch until it is killed, and prints each offset
 * that is in. Run by crash-tests.ts: `crash-writer.ts <url> <namespace>`.
 */
import type { Item, ItemId, Sku } from '#schemas/items';
import { sampleItem, sampleLevel } from '../views/sample-values.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { openElasticsearchViews } from './elasticsearch-views.ts';

const keys = 20;
const changesInBatch = 5;

async function write([nodes = '', namespace = '']: readonly string[]): Promise<void> {
  const { search } = await openElasticsearchViews({ nodes, namespace });
  const { items, stock } = search.writers;
  const [position] = await items.positions();
  for (let from = Number(position?.nextOffset ?? 0); ; from += changesInBatch) {
    const offsets = Array.from({ length: changesInBatch }, (_, index) => from + index);
    const changes = offsets.map((offset) => {
      const id = `item-${offset % keys}` as ItemId;
      // Each seventh change is a tombstone.
      const price = { amount: offset, currency: 'INR' };
      return [id, offset % 7 === 6 ? null : sampleItem(id, { price })] as const;
    });
    const levels = offsets.map((offset) => {
      const sku = `item-${offset % keys}` as Sku;
      return [sku, sampleLevel(sku, { [`W${offset}`]: [1, 0] })] as const;
    });
    // Both sinks run at the same time, on the same items.
    await Promise.all([
      items.apply([batchOf<ItemId, Item>(from, changes)]),
      stock.apply([batchOf(from, levels)]),
    ]);
    process.stdout.write(`${from + changesInBatch}\n`);
  }
}

await write(process.argv.slice(2));
