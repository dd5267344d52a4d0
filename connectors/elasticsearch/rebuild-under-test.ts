/** Each writer of search as the contract of rebuilds sees it. */
import type { StockLevel } from '#schemas/inventory';
import type { Item, ItemId, Sku } from '#schemas/items';
import type { RebuildContractOptions, RebuildUnderTest } from '../views/rebuild-contract.ts';
import { sampleItem, sampleLevel } from '../views/sample-values.ts';
import { ask } from '../views/search-under-test.ts';
import type { ElasticsearchOptions } from './client.ts';
import type { ElasticsearchUnderTest } from './elasticsearch-under-test.ts';

/** What a search shows of an item, as the item that it was: its price is the revision. */
export function itemsRebuild(under: ElasticsearchUnderTest): RebuildContractOptions<ItemId, Item> {
  const value = (id: string, revision: number) =>
    sampleItem(id, { price: { amount: revision, currency: 'INR' } });
  const open = async (options: ElasticsearchOptions): Promise<RebuildUnderTest<ItemId, Item>> => {
    const { search } = await under.openViews(options);
    return {
      reader: search.reader,
      writer: search.writers.items,
      read: async (id) => {
        const { hits } = await search.reader.search(ask({}));
        const hit = hits.find(({ itemId }) => itemId === id);
        return hit && value(hit.itemId, hit.price.amount);
      },
      beginCopy: async () => {
        const copy = await search.beginCopy();
        return { ...copy, writers: { writer: copy.writers.items } };
      },
      elsewhere: () => open(options),
    };
  };
  return { open: async () => open(await under.newNamespace()), key: (id) => id as ItemId, value };
}

/** The revision is the number of warehouses; an audit's entries tell them also without an item. */
export function stockRebuild(
  under: ElasticsearchUnderTest,
): RebuildContractOptions<Sku, StockLevel> {
  const value = (sku: string, revision: number) =>
    sampleLevel(
      sku,
      Object.fromEntries(Array.from({ length: revision }, (_, at) => [`W${at}`, [1, 0]])),
    );
  const open = async (
    options: ElasticsearchOptions,
  ): Promise<RebuildUnderTest<Sku, StockLevel>> => {
    const { search } = await under.openViews(options);
    return {
      reader: search.reader,
      writer: search.writers.stock,
      read: async (sku) => {
        for await (const [found, warehouseIds] of search.indexed.stock.entries()) {
          if (found === sku) return value(sku, (warehouseIds as readonly string[]).length);
        }
        return undefined;
      },
      beginCopy: async () => {
        const copy = await search.beginCopy();
        return { ...copy, writers: { writer: copy.writers.stock } };
      },
      elsewhere: () => open(options),
    };
  };
  return { open: async () => open(await under.newNamespace()), key: (sku) => sku as Sku, value };
}
