/** Search views with a few items in them, for the contract suites of search. */
import type { Item, ItemId, Sku } from '#schemas/items';
import { sampleItem, sampleLevel } from './sample-values.ts';
import type { SearchQuery, SearchResult, SearchView, SearchWriters } from './search-view.ts';
import { batchOf } from './view-writer-contract.ts';

export interface SearchViewUnderTest {
  readonly reader: SearchView;
  readonly writers: SearchWriters;
  readonly reopen: () => Promise<SearchViewUnderTest>;
}

export type OpenSearch = () => Promise<SearchViewUnderTest>;

export function ask(query: Partial<SearchQuery>): SearchQuery {
  return { text: '', sort: 'relevance', limit: 24, ...query };
}

export const idsOf = ({ hits }: SearchResult): string[] => hits.map(({ itemId }) => itemId);

/** A view with these items; an item's stock is the warehouses named for it. */
export async function holding(
  open: OpenSearch,
  items: Readonly<Record<string, Partial<Item>>>,
  stock: Readonly<Record<string, readonly string[]>> = {},
): Promise<SearchViewUnderTest> {
  const view = await open();
  const plain = { description: '', attributes: {}, brand: 'Plain', category: 'Things' };
  const listed = Object.entries(items).map(
    ([id, changes]) => [id as ItemId, sampleItem(id, { ...plain, title: id, ...changes })] as const,
  );
  await view.writers.items.apply([batchOf(0, listed)]);
  const levels = Object.entries(stock).map(
    ([sku, ids]) =>
      [sku as Sku, sampleLevel(sku, Object.fromEntries(ids.map((id) => [id, [2, 1]])))] as const,
  );
  await view.writers.stock.apply([batchOf(0, levels)]);
  return view;
}
