/** The search view on Elasticsearch. */
import type { Client } from '@elastic/elasticsearch';
import type { StockLevel } from '#schemas/inventory';
import { type Item, type ItemId, itemIdOf, type Sku } from '#schemas/items';
import { AppliedSignal } from '../applied-signal.ts';
import { stockingWarehouses } from '../search/stocking-warehouses.ts';
import type { Rebuildable, ViewCopy } from '../views/rebuild.ts';
import type { SearchWriters } from '../views/search-view.ts';
import type { StoredSearch } from '../views/shop-views.ts';
import { makeSearchable } from './bulk.ts';
import { defaultReadTimeoutMs, type ElasticsearchOptions, openClient } from './client.ts';
import { itemEntries, stockEntries } from './entries.ts';
import {
  aliasOf,
  createGeneration,
  dropGeneration,
  dropOthers,
  goLive,
  isIncomplete,
  liveGeneration,
  newGeneration,
  putTemplate,
} from './generations.ts';
import { requireMigrated } from './migrate.ts';
import { reading } from './reading.ts';
import { searchedItem } from './search-document.ts';
import { searchReader } from './search-reader.ts';
import { type SearchStore, searchWriter } from './search-writer.ts';
import { bare, viewErrorOf } from './troubles.ts';

export interface ElasticsearchViews {
  readonly search: StoredSearch & Rebuildable<SearchWriters>;
  close(): Promise<void>;
}

/**
 * Any number of processes may read and write them at the same time.
 *
 * @throws Error when the store needs `millrace migrate`, or is of a newer version; ViewError
 *   `VIEW_UNAVAILABLE` when it cannot be reached.
 */
export async function openElasticsearchViews(
  options: ElasticsearchOptions,
): Promise<ElasticsearchViews> {
  const client = openClient(options);
  try {
    await requireMigrated(client, options.namespace);
  } catch (error) {
    await client.close();
    throw viewErrorOf(error, 'search');
  }
  return { search: searchView(client, options), close: () => client.close() };
}

function searchView(
  client: Client,
  options: ElasticsearchOptions,
): StoredSearch & Rebuildable<SearchWriters> {
  const { namespace, readTimeoutMs = defaultReadTimeoutMs } = options;
  const signal = new AppliedSignal();
  const documents = aliasOf(namespace, 'documents');
  return {
    reader: searchReader(reading(client, readTimeoutMs), namespace, signal),
    writers: writersOf({ client, namespace, signal }),
    indexed: {
      items: { entries: () => itemEntries(client, documents), expected: searchedItem },
      stock: { entries: () => stockEntries(client, documents), expected: stockingWarehouses },
    },
    isLost: () => isIncomplete(client, namespace),
    beginCopy: async () => {
      try {
        return await beginCopy(client, options);
      } catch (error) {
        throw bare(error);
      }
    },
  };
}

function writersOf(store: SearchStore): SearchWriters {
  return {
    items: searchWriter<ItemId, Item>(store, {
      name: 'search.items',
      kind: 'item',
      idOf: (id) => id,
      sourceOf: searchedItem,
    }),
    stock: searchWriter<Sku, StockLevel>(store, {
      name: 'search.stock',
      kind: 'stock',
      idOf: itemIdOf,
      sourceOf: stockingWarehouses,
    }),
  };
}

async function beginCopy(
  client: Client,
  options: ElasticsearchOptions,
): Promise<ViewCopy<SearchWriters>> {
  const { namespace } = options;
  const live = await liveGeneration(client, namespace);
  // Without one everything may be gone: also what keeps writers from making indices of their own.
  if (live === undefined) await putTemplate(client, namespace);
  await dropOthers(client, namespace, live?.generation);
  const copy = newGeneration(namespace);
  await createGeneration(client, copy, options);
  return {
    writers: writersOf({ client, namespace, copy, signal: new AppliedSignal() }),
    switchOver: () =>
      sayingLittle(async () => {
        const before = await liveGeneration(client, namespace);
        await makeSearchable(client, copy);
        await goLive(client, namespace, copy);
        if (before !== undefined) await dropGeneration(client, before.generation);
      }),
    abandon: () => sayingLittle(() => dropGeneration(client, copy)),
  };
}

async function sayingLittle(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw bare(error);
  }
}
