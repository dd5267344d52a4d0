/** The content of search as an audit reads it: what the documents show, a page at a time. */
import type { Client, estypes } from '@elastic/elasticsearch';
import type { ItemId, Sku } from '#schemas/items';
import type { SearchDocument, SearchedItem } from './search-document.ts';
import { viewErrorOf } from './troubles.ts';
import type { Query } from './understanding.ts';

const pageSize = 2_000;
/** What only the engine needs. */
const internals = ['itemId', 'listed', 'stocked', 'itemVersion', 'stockVersion'];

export async function* itemEntries(
  client: Client,
  index: string,
): AsyncGenerator<readonly [ItemId, SearchedItem]> {
  const shape = { _source: { excludes: [...internals, 'warehouseIds'] } };
  for await (const [id, item] of documents(client, index, { term: { listed: true } }, shape)) {
    yield [id, item as SearchedItem];
  }
}

export async function* stockEntries(
  client: Client,
  index: string,
): AsyncGenerator<readonly [Sku, readonly string[]]> {
  const shape = { _source: ['warehouseIds'] };
  for await (const [id, { warehouseIds }] of documents(
    client,
    index,
    { term: { stocked: true } },
    shape,
  )) {
    yield [id as string as Sku, warehouseIds];
  }
}

/** By item id. */
async function* documents(
  client: Client,
  index: string,
  query: Query,
  shape: Pick<estypes.SearchRequest, '_source'>,
): AsyncGenerator<readonly [ItemId, SearchDocument]> {
  let after: ItemId | undefined;
  for (;;) {
    const page: estypes.SearchHit<SearchDocument>[] = await pageAfter();
    for (const { _source, sort } of page) {
      after = sort?.[0] as ItemId;
      yield [after, _source as SearchDocument];
    }
    if (page.length < pageSize) return;
  }

  async function pageAfter() {
    try {
      const { hits } = await client.search<SearchDocument>({
        index,
        size: pageSize,
        query: { bool: { filter: [query] } },
        sort: [{ itemId: 'asc' }],
        ...(after !== undefined && { search_after: [after] }),
        ...shape,
        track_total_hits: false,
        allow_partial_search_results: false,
      });
      return hits.hits;
    } catch (error) {
      throw viewErrorOf(error, 'search');
    }
  }
}
