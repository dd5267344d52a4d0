/** What holds for every search view. */
import type { StockLevel } from '#schemas/inventory';
import type { ItemId, Sku } from '#schemas/items';
import { sampleItem, sampleLevel } from './sample-values.ts';
import { searchFiltersContract } from './search-filters-contract.ts';
import { ask, type OpenSearch, type SearchViewUnderTest } from './search-under-test.ts';
import { searchWordsContract } from './search-words-contract.ts';
import { batchOf, type ViewUnderTest, viewWriterContract } from './view-writer-contract.ts';

export function searchViewContract(name: string, open: OpenSearch): void {
  viewWriterContract<ItemId, number>(`${name}, its items`, {
    open: async () => itemsUnderTest(await open()),
    key: (id) => id as ItemId,
    value: (_id, revision) => revision,
  });
  viewWriterContract<Sku, number>(`${name}, its stock`, {
    open: async () => stockUnderTest(await listing(open)),
    key: (sku) => sku as Sku,
    value: (_sku, revision) => revision,
  });

  describe(name, () => {
    searchWordsContract(open);
    searchFiltersContract(open);
  });
}

/** The item's revision is its price. */
function itemsUnderTest({
  reader,
  writers,
  reopen,
}: SearchViewUnderTest): ViewUnderTest<ItemId, number> {
  return {
    reader,
    writer: {
      name: writers.items.name,
      positions: () => writers.items.positions(),
      apply: (batches) =>
        writers.items.apply(
          batches.map((batch) => ({
            ...batch,
            changes: batch.changes.map((change) => ({
              ...change,
              value:
                change.value === null
                  ? null
                  : sampleItem(change.key, { price: { amount: change.value, currency: 'INR' } }),
            })),
          })),
        ),
    },
    read: async (id) => {
      const { hits } = await reader.search(ask({ text: 'tea' }));
      return hits.find(({ itemId }) => itemId === id)?.price.amount;
    },
    reopen: async () => itemsUnderTest(await reopen()),
  };
}

/** The items whose stock is written. */
async function listing(open: OpenSearch): Promise<SearchViewUnderTest> {
  const view = await open();
  const listed = ['a', 'b'].map((id) => [id as ItemId, sampleItem(id)] as const);
  await view.writers.items.apply([batchOf(0, listed)]);
  return view;
}

/** The level's revision is the number of warehouses that have the item. */
function stockUnderTest({
  reader,
  writers,
  reopen,
}: SearchViewUnderTest): ViewUnderTest<Sku, number> {
  const levelOf = (sku: Sku, revision: number): StockLevel => {
    const warehouses = Array.from({ length: revision }, (_, index) => [`W${index}`, [1, 0]]);
    return sampleLevel(sku, Object.fromEntries(warehouses));
  };
  return {
    reader,
    writer: {
      name: writers.stock.name,
      positions: () => writers.stock.positions(),
      apply: async (batches) => {
        await writers.stock.apply(
          batches.map((batch) => ({
            ...batch,
            changes: batch.changes.map((change) => ({
              ...change,
              value: change.value === null ? null : levelOf(change.key, change.value),
            })),
          })),
        );
      },
    },
    read: async (sku) => {
      const { hits } = await reader.search(ask({}));
      return hits.find((hit) => hit.sku === sku)?.warehouseIds.length || undefined;
    },
    reopen: async () => stockUnderTest(await reopen()),
  };
}
