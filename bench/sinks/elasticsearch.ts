/**
 * How fast is the search view on Elasticsearch written and read? Its two writers by batch size,
 * beside the bare client that writes the same documents once; then searches beside the embedded
 * engine, over the same items.
 *
 *   node --import tsx bench/sinks/elasticsearch.ts [--items 10000] [--searches 1000]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@elastic/elasticsearch';
import type { StockLevel } from '#schemas/inventory';
import { type Item, type ItemId, itemIdOf, type Sku } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';
import { demoOffers } from '../../cli/demo/catalogue.ts';
import { type Random, seededRandom } from '../../cli/demo/random.ts';
import { openElasticsearchViews } from '../../connectors/elasticsearch/elasticsearch-views.ts';
import { migrateElasticsearch } from '../../connectors/elasticsearch/migrate.ts';
import { documentOf, searchedItem } from '../../connectors/elasticsearch/search-document.ts';
import { indexOf } from '../../connectors/elasticsearch/search-schema.ts';
import { openEmbeddedViews } from '../../connectors/embedded/embedded-views.ts';
import { stockingWarehouses } from '../../connectors/search/stocking-warehouses.ts';
import type { SearchQuery, SearchView } from '../../connectors/views/search-view.ts';
import type { Change, ViewWriter } from '../../connectors/views/view.ts';
import { readNumbers } from '../../test/chaos/arguments.ts';
import { startElasticsearch } from '../../test/servers/elasticsearch/start-elasticsearch.ts';
import { machine, percentiles, rounded, timed } from '../measuring.ts';

const { items: itemCount, searches: searchCount } = readNumbers('Search on Elasticsearch.', {
  items: { about: 'how many items', otherwise: 10_000 },
  searches: { about: 'how many searches of each kind', otherwise: 1_000 },
});

const batchSizes = [20, 100, 500, 2_000];
/** So many are enough to see how fast they are. */
const mostBatches = 20;
const warehouses = Array.from({ length: 100 }, (_, at) => `W${at}` as WarehouseId);

const random = seededRandom(7);
const items = [...demoOffers({ count: itemCount, seed: 1 })].map(itemOf);
const levels = items.map(({ sku }) => levelOf(sku));

function itemOf(offer: ReturnType<typeof demoOffers> extends Iterable<infer O> ? O : never): Item {
  const listedAt = Date.UTC(2026, 0, 1) + random.between(0, 1e9);
  return {
    ...offer,
    id: itemIdOf(offer.sku),
    supplierId: 'bench' as Item['supplierId'],
    version: 1,
    listedAt,
    updatedAt: listedAt,
  };
}

function levelOf(sku: Sku): StockLevel {
  const stocked = Array.from({ length: random.between(1, 4) }, () => random.pick(warehouses));
  const stock = { onHand: 5, reserved: 0, received: 5, adjusted: 0, shipped: 0 };
  return {
    sku,
    warehouses: Object.fromEntries(stocked.map((id) => [id, stock])),
    version: 1,
    updatedAt: 0,
  };
}

interface Rate {
  readonly perSecond: number;
  readonly cpuUs: number;
}

async function rateOf(count: number, work: () => Promise<void>): Promise<Rate> {
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startedMs) / 1_000;
  return { perSecond: count / seconds, cpuUs: (user + system) / count };
}

async function write<K, V>(
  writer: ViewWriter<K, V>,
  changes: readonly Change<K, V>[],
  size: number,
): Promise<void> {
  for (let from = 0; from < changes.length; from += size) {
    const some = changes.slice(from, from + size);
    const range = { fromOffset: BigInt(from), nextOffset: BigInt(from + some.length) };
    await writer.apply([{ topic: 'bench', partition: 0, changes: some, ...range }]);
  }
}

function changesOf<K, V>(entries: readonly (readonly [K, V])[]): Change<K, V>[] {
  return entries.map(([key, value], at) => ({ key, value, timestampMs: 0, offset: BigInt(at) }));
}

/** One request a batch, made searchable after it. */
async function writeBare(
  client: Client,
  index: string,
  size: number,
  count: number,
): Promise<void> {
  for (let from = 0; from < count; from += size) {
    const operations = items.slice(from, from + size).flatMap((item, at) => {
      const level = levels[from + at] as StockLevel;
      return [
        { index: { _id: item.id } },
        documentOf(
          item.id,
          { version: 1, value: searchedItem(item) },
          { version: 1, value: stockingWarehouses(level) },
        ),
      ];
    });
    const { errors } = await client.bulk({ index, operations, refresh: true });
    if (errors) throw new Error('a document was refused');
  }
}

const shownRate = ({ perSecond, cpuUs }: Rate) =>
  `${rounded(perSecond)} records/s, ${rounded(cpuUs)} us`;

async function measureWriters(url: string): Promise<void> {
  const client = new Client({ node: url });
  const itemChanges = changesOf(items.map((item) => [item.id as ItemId, item]));
  const stockChanges = changesOf(levels.map((level) => [level.sku as Sku, level]));
  console.log('batch | items | stock | bare client, items');
  let runs = 0;
  // The first of them warms the server's Java up.
  for (const size of [100, ...batchSizes]) {
    runs += 1;
    const namespace = `bench-${size}-${runs}`;
    await migrateElasticsearch({ nodes: url, namespace });
    const { search, close } = await openElasticsearchViews({ nodes: url, namespace });
    const count = Math.min(items.length, size * mostBatches);
    const ofItems = await rateOf(count, () =>
      write(search.writers.items, itemChanges.slice(0, count), size),
    );
    const ofStock = await rateOf(count, () =>
      write(search.writers.stock, stockChanges.slice(0, count), size),
    );
    await close();
    const index = `bare-${size}-${runs}`;
    await client.indices.create({ index, ...indexOf('documents', {}) });
    const bare = await rateOf(count, () => writeBare(client, index, size, count));
    console.log([size, ...[ofItems, ofStock, bare].map(shownRate)].join(' | '));
  }
  await client.close();
}

/** Three words of a title. */
function threeWords(from: Random): SearchQuery {
  const words = from.pick(items).title.split(/[^\p{L}\p{N}]+/u);
  const start = from.between(0, Math.max(0, words.length - 3));
  const text = words.slice(start, start + 3).join(' ');
  return { text, sort: 'relevance', limit: 24 };
}

/** What a pincode sees of a department: many matches, all of them filtered and counted. */
function filtered(from: Random): SearchQuery {
  const [department = ''] = from.pick(items).category.split('/');
  const reach = (maxWeightGrams: number) => ({
    warehouseIds: Array.from({ length: 20 }, () => from.pick(warehouses)),
    maxWeightGrams,
  });
  const deliverableFrom = [reach(2_000), reach(30_000)];
  return { text: '', category: department, deliverableFrom, sort: 'price-ascending', limit: 24 };
}

const questions = [
  ['three words of a title', threeWords],
  ['a department, deliverable, by price, with facets', filtered],
] as const;

async function latencies(reader: SearchView, queryOf: (from: Random) => SearchQuery) {
  const from = seededRandom(3);
  const queries = Array.from({ length: searchCount }, () => queryOf(from));
  let found = 0;
  const search = async (at: number) => {
    found += (await reader.search(queries[at % searchCount] as SearchQuery)).total > 0 ? 1 : 0;
  };
  await timed(Math.min(500, searchCount), search);
  found = 0;
  const tookMs = await timed(searchCount, search);
  return `p50 / p99 ${percentiles(tookMs)}, ${found} found something`;
}

async function measureSearches(url: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const options = { nodes: url, namespace: 'bench-search', readTimeoutMs: 30_000 };
  await migrateElasticsearch(options);
  const onServer = await openElasticsearchViews(options);
  const embedded = openEmbeddedViews({ directory });
  try {
    const itemChanges = changesOf(items.map((item) => [item.id as ItemId, item]));
    const stockChanges = changesOf(levels.map((level) => [level.sku as Sku, level]));
    for (const { writers } of [onServer.search, embedded.search]) {
      await write(writers.items, itemChanges, 500);
      await write(writers.stock, stockChanges, 500);
    }
    const readers = [onServer.search.reader, embedded.search.reader];
    console.log('question | Elasticsearch | embedded engine');
    for (const [question, queryOf] of questions) {
      const answers: string[] = [];
      for (const reader of readers) answers.push(await latencies(reader, queryOf));
      console.log([question, ...answers].join(' | '));
    }
  } finally {
    await onServer.close();
    embedded.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

console.log(`${items.length} items on ${machine()}`);
const server = await startElasticsearch({ optimizes: true, heapMegabytes: 1_024 });
try {
  await measureWriters(server.url);
  await measureSearches(server.url);
} finally {
  await server.stop();
}
