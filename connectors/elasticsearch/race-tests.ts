/** Two processes that write one view, with each request of one before and after all of the other's. */
import { Client } from '@elastic/elasticsearch';
import type { StockLevel } from '#schemas/inventory';
import type { Item, ItemId, Sku } from '#schemas/items';
import { sampleItem, sampleLevel } from '../views/sample-values.ts';
import { ask } from '../views/search-under-test.ts';
import type { ViewWriter } from '../views/view.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { writeVersioned } from './bulk.ts';
import type { ElasticsearchUnderTest } from './elasticsearch-under-test.ts';
import type { ElasticsearchViews } from './elasticsearch-views.ts';
import { liveGeneration } from './generations.ts';
import type { HttpGate } from './http-gate.ts';
import { documentOf, searchedItem } from './search-document.ts';
import { writeSources } from './sources.ts';

const id = 'a' as ItemId;
const sku = 'a' as Sku;
const priced = (amount: number) => sampleItem('a', { price: { amount, currency: 'INR' } });
const stockedAt = (...warehouses: string[]) =>
  sampleLevel('a', Object.fromEntries(warehouses.map((at) => [at, [1, 0]])));
const item = (offset: number, value: Item | null) => batchOf<ItemId, Item>(offset, [[id, value]]);
const stock = (offset: number, value: StockLevel | null) =>
  batchOf<Sku, StockLevel>(offset, [[sku, value]]);

/** Positions, sources, the other sources, documents, refresh, positions. */
const requestsOfApply = [1, 2, 3, 4, 5, 6] as const;

/** What a search and an audit see, and where both topics are read on. */
async function contentOf({ search }: ElasticsearchViews) {
  const { hits } = await search.reader.search(ask({}));
  const stocked = new Map<string, unknown>();
  for await (const [of, warehouseIds] of search.indexed.stock.entries()) {
    stocked.set(of, warehouseIds);
  }
  const nextOffset = async (writer: ViewWriter<never, never>) =>
    Number((await writer.positions())[0]?.nextOffset ?? -1);
  return {
    hits: hits.map(({ price, warehouseIds }) => [price.amount, ...warehouseIds]),
    stock: stocked.get('a'),
    itemsAt: await nextOffset(search.writers.items),
    stockAt: await nextOffset(search.writers.stock),
  };
}

interface Pair {
  readonly gate: HttpGate;
  /** Behind the gate. */
  readonly slow: ElasticsearchViews;
  readonly quick: ElasticsearchViews;
  readonly namespace: string;
}

async function openPair(under: ElasticsearchUnderTest): Promise<Pair> {
  const options = await under.newNamespace();
  const { gate, views } = await under.openGated(options);
  const quick = await under.openViews(options);
  return { gate, slow: views, quick, namespace: options.namespace };
}

/** `write` of the slow one is held before its request `number` until `meanwhile` is done. */
async function interleaved(
  { gate }: Pair,
  number: number,
  write: () => Promise<void>,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const { reached, release } = gate.holdFrom(number);
  const writing = write();
  await reached;
  await meanwhile();
  release();
  await writing;
}

export function raceTests(under: ElasticsearchUnderTest): void {
  describe('search on Elasticsearch, written by two processes at once', () => {
    twoOfOneTopic(under);
    twoTopics(under);
    equalSums(under);
    deaths(under);
  });
}

function twoOfOneTopic(under: ElasticsearchUnderTest): void {
  test.each(requestsOfApply)(
    'an older price does not replace a newer one, held before its request %i',
    async (number) => {
      const pair = await openPair(under);
      const { slow, quick } = pair;
      await quick.search.writers.stock.apply([stock(0, stockedAt('PUNE'))]);
      await quick.search.writers.items.apply([item(0, priced(1))]);
      await interleaved(
        pair,
        number,
        () => slow.search.writers.items.apply([item(1, priced(2))]),
        async () => {
          await quick.search.writers.items.apply([item(1, priced(2))]);
          await quick.search.writers.items.apply([item(2, priced(3))]);
        },
      );
      expect(await contentOf(quick)).toMatchObject({ hits: [[3, 'PUNE']], itemsAt: 3 });
    },
  );

  test.each(requestsOfApply)(
    'a deleted item does not come back, nor with its stock, held before request %i',
    async (number) => {
      const pair = await openPair(under);
      const { slow, quick } = pair;
      await interleaved(
        pair,
        number,
        () => slow.search.writers.items.apply([item(0, priced(1))]),
        async () => {
          await quick.search.writers.items.apply([item(0, priced(1))]);
          await quick.search.writers.items.apply([item(1, null)]);
        },
      );
      expect(await contentOf(quick)).toMatchObject({ hits: [], itemsAt: 2 });
      await quick.search.writers.stock.apply([stock(0, stockedAt('PUNE'))]);
      expect(await contentOf(quick)).toMatchObject({ hits: [], stock: ['PUNE'] });
    },
  );
}

function twoTopics(under: ElasticsearchUnderTest): void {
  test.each(requestsOfApply)(
    'an item and its stock meet, that of the item held before its request %i',
    async (number) => {
      const pair = await openPair(under);
      const { slow, quick } = pair;
      await interleaved(
        pair,
        number,
        () => slow.search.writers.items.apply([item(0, priced(1))]),
        () => quick.search.writers.stock.apply([stock(0, stockedAt('PUNE'))]),
      );
      const both = { hits: [[1, 'PUNE']], stock: ['PUNE'], itemsAt: 1, stockAt: 1 };
      expect(await contentOf(quick)).toEqual(both);
    },
  );

  test.each(requestsOfApply)(
    'what each has acknowledged is there, with three changes at once, held before request %i',
    async (number) => {
      const pair = await openPair(under);
      const { slow, quick } = pair;
      await quick.search.writers.items.apply([item(0, priced(1))]);
      await interleaved(
        pair,
        number,
        () => slow.search.writers.stock.apply([stock(0, stockedAt('PUNE'))]),
        async () => {
          await quick.search.writers.items.apply([item(1, priced(2))]);
          await quick.search.writers.stock.apply([
            stock(0, stockedAt('PUNE')),
            stock(1, stockedAt('AGRA', 'PUNE')),
          ]);
          expect((await contentOf(quick)).hits).toEqual([[2, 'AGRA', 'PUNE']]);
          await quick.search.writers.items.apply([item(2, priced(3))]);
        },
      );
      expect(await contentOf(quick)).toEqual({
        hits: [[3, 'AGRA', 'PUNE']],
        stock: ['AGRA', 'PUNE'],
        itemsAt: 3,
        stockAt: 2,
      });
    },
  );
}

/** What a third process can leave that read both sources at once, the stock a moment earlier. */
function equalSums(under: ElasticsearchUnderTest): void {
  test('a document of other sources with the same sum does not keep a change out', async () => {
    const pair = await openPair(under);
    const { slow, quick, namespace } = pair;
    await quick.search.writers.items.apply([item(0, priced(1))]);
    await quick.search.writers.stock.apply([stock(0, stockedAt('PUNE'))]);
    await interleaved(
      pair,
      4,
      () => slow.search.writers.stock.apply([stock(1, stockedAt('AGRA'))]),
      async () => {
        const client = under.closeLater(new Client({ node: under.server.url }));
        const live = await liveGeneration(client, namespace);
        if (live === undefined) throw new Error('there is no live generation');
        const newer = { version: 2, value: searchedItem(priced(2)) };
        await writeSources(client, live.generation, 'item', new Map([[id, newer]]));
        const document = documentOf(id, newer, { version: 1, value: ['PUNE'] });
        const refused = await writeVersioned(client, live.generation.documents, [
          { id, version: 3, document },
        ]);
        expect([...refused]).toEqual([]);
      },
    );
    expect(await contentOf(quick)).toMatchObject({ hits: [[2, 'AGRA']], stockAt: 2 });
  });
}

function deaths(under: ElasticsearchUnderTest): void {
  test.each(requestsOfApply)(
    'a process that ends before its request %i leaves a position that its rows are not behind',
    async (number) => {
      const { gate, slow, quick } = await openPair(under);
      await quick.search.writers.stock.apply([stock(0, stockedAt('PUNE'))]);
      await quick.search.writers.items.apply([item(0, priced(1))]);
      gate.loseFrom(number);
      const dying = slow.search.writers.items.apply([item(1, priced(2))]);
      await expect(dying).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });

      expect(await contentOf(quick)).toMatchObject({ itemsAt: 1, stockAt: 1 });
      // The successor goes on from the position, the other sink goes on as before.
      await quick.search.writers.items.apply([item(1, priced(2))]);
      expect((await contentOf(quick)).hits).toEqual([[2, 'PUNE']]);
      await quick.search.writers.stock.apply([stock(1, stockedAt('AGRA'))]);
      expect(await contentOf(quick)).toEqual({
        hits: [[2, 'AGRA']],
        stock: ['AGRA'],
        itemsAt: 2,
        stockAt: 2,
      });
    },
  );
}
