/**
 * How soon does each store show what was appended to the log? The shop runs on all servers in a process of its own, with
 * its sinks; one record at a time is appended to the topic that feeds a view, and the view is read until it shows
 * it. Beside what a reader of the log alone needs for the same record.
 *
 *   node --import tsx bench/sinks/freshness.ts [--records N]
 */
import { setTimeout as delay } from 'node:timers/promises';
import { carts } from '#schemas/carts';
import { items } from '#schemas/items';
import { archivedOrders, type OrderId, orders } from '#schemas/orders';
import { type Pincode, pincodeRoutes } from '#schemas/serviceability';
import type { UserId } from '#schemas/users';
import type { Log, Topic } from '#streams';
import type { ShopViews } from '#views/shop-views';
import { readConfiguration } from '../../cli/configuration.ts';
import { openShopLog } from '../../cli/log/open-log.ts';
import { openClusterStores } from '../../cli/stores/cluster-stores.ts';
import {
  sampleCart,
  sampleItem,
  sampleOrder,
  sampleRoute,
  sampleRoutes,
} from '../../connectors/views/sample-values.ts';
import { topicWriter } from '../../serving/topic-writer.ts';
import { readNumbers } from '../../test/chaos/arguments.ts';
import { machine, percentile, percentiles, rounded, withShop } from '../measuring.ts';

const { records } = readNumbers('From the log to visible in each store.', {
  records: { about: 'how many of each', otherwise: 200 },
});
const warmUp = 20;
const patienceMs = 10_000;
/** So that looking again and again does not take the processor from what is looked at. */
const lookEveryMs = 1;

interface Fresh {
  readonly store: string;
  readonly append: (index: number) => Promise<void>;
  readonly isVisible: (index: number) => Promise<boolean>;
}

await withShop(
  { MILLRACE_DEMO_ITEMS: '500' },
  async ({ environment }) => {
    const configuration = readConfiguration(environment);
    const stores = configuration.cluster?.stores;
    if (stores === undefined) throw new Error('the views are not on servers');
    const { log, registry, close } = await openShopLog(
      { ...configuration, isAlone: false },
      () => {},
    );
    const { views } = await openClusterStores(stores);
    const writer = topicWriter({ log, registry, clock: { nowMs: Date.now } });
    const one: Append = (topic, key, value) => writer.append(topic, [{ key, value }]);
    const floor = await logAlone(log, (index) =>
      one(carts, `alone-${index}` as UserId, sampleCart(`alone-${index}`)),
    );
    console.log(
      `\n| store | from the append on, p50 / p99 ms | from its answer on, p50 / p99 ms | against the log alone, p50 |`,
    );
    console.log('|---|---|---|---|');
    const shown = (store: string, { fromSent, fromAnswer }: Times) =>
      console.log(
        `| ${store} | ${percentiles(fromSent)} | ${percentiles(fromAnswer)} | ${rounded(percentile(fromSent, 0.5) / percentile(floor.fromSent, 0.5))} |`,
      );
    shown('a reader of the log alone', floor);
    for (const fresh of storesOf(views, one)) shown(fresh.store, await freshness(fresh));
    console.log(`\n${machine()}`);
    await views.close();
    await close();
  },
  'cluster',
);

type Append = <K, V>(topic: Topic<K, V>, key: K, value: V) => Promise<void>;

function storesOf(views: ShopViews, one: Append): readonly Fresh[] {
  const idOf = (index: number) => `fresh-${index}`;
  const wordOf = (index: number) => `freshword${index}`;
  const pincodeOf = (index: number) => `${900_000 + index}` as Pincode;
  return [
    {
      store: 'MongoDB (the stand-in), an item',
      append: (index) => one(items, sampleItem(idOf(index)).id, sampleItem(idOf(index))),
      isVisible: async (index) =>
        (await views.items.reader.get(sampleItem(idOf(index)).id)) !== undefined,
    },
    {
      store: 'Elasticsearch, an item in search',
      append: (index) => {
        const item = sampleItem(`search-${index}`, { title: wordOf(index) });
        return one(items, item.id, item);
      },
      isVisible: async (index) => {
        const query = { text: wordOf(index), sort: 'relevance', limit: 1 } as const;
        const { hits, correctedText } = await views.search.reader.search(query);
        return correctedText === null && hits[0]?.title === wordOf(index);
      },
    },
    {
      store: 'MySQL (MariaDB), a cart',
      append: (index) => one(carts, idOf(index) as UserId, sampleCart(idOf(index))),
      isVisible: async (index) =>
        (await views.carts.reader.get(idOf(index) as UserId)) !== undefined,
    },
    {
      store: 'MySQL (MariaDB), an order',
      append: (index) => one(orders, idOf(index) as OrderId, sampleOrder(idOf(index))),
      isVisible: async (index) =>
        (await views.liveOrders.reader.get(idOf(index) as OrderId)) !== undefined,
    },
    {
      store: 'Cassandra, an archived order',
      append: (index) => {
        const id = `archived-${index}`;
        return one(archivedOrders, id as OrderId, sampleOrder(id, { status: 'completed' }));
      },
      isVisible: async (index) =>
        (await views.orderHistory.reader.get(`archived-${index}` as OrderId)) !== undefined,
    },
    {
      store: 'Redis, the routes of a pincode',
      append: (index) =>
        one(pincodeRoutes, pincodeOf(index), sampleRoutes(pincodeOf(index), [sampleRoute()])),
      isVisible: async (index) =>
        (await views.serviceability.reader.routes(pincodeOf(index))) !== undefined,
    },
  ];
}

interface Times {
  readonly fromSent: number[];
  readonly fromAnswer: number[];
}

async function freshness({ append, isVisible, store }: Fresh): Promise<Times> {
  const times: Times = { fromSent: [], fromAnswer: [] };
  for (let index = 0; index < warmUp + records; index++) {
    const sentMs = performance.now();
    await append(index);
    const answeredMs = performance.now();
    while (!(await isVisible(index))) {
      if (performance.now() - answeredMs > patienceMs)
        throw new Error(`${store} does not show record ${index}`);
      await delay(lookEveryMs);
    }
    if (index >= warmUp) note(times, sentMs, answeredMs);
  }
  return times;
}

/** Until the record is there for a reader that waits for it. */
async function logAlone(log: Log, append: (index: number) => Promise<void>): Promise<Times> {
  const { offsets } = await log.describeTopic(carts.name);
  const reader = log.openReader();
  reader.assign(
    offsets.map(({ end }, partition) => ({ topic: carts.name, partition, offset: end })),
  );
  const times: Times = { fromSent: [], fromAnswer: [] };
  for (let index = 0; index < warmUp + records; index++) {
    const sentMs = performance.now();
    let answeredMs = 0;
    const appended = append(index).then(() => {
      answeredMs = performance.now();
    });
    for (let isThere = false; !isThere; ) {
      const batches = await reader.poll({ maxWaitMs: patienceMs });
      isThere = batches.some(({ records: found }) => found.length > 0);
    }
    const seenMs = performance.now();
    await appended;
    if (index < warmUp) continue;
    times.fromSent.push(seenMs - sentMs);
    times.fromAnswer.push(Math.max(0, seenMs - answeredMs));
  }
  await reader.close();
  return times;
}

function note({ fromSent, fromAnswer }: Times, sentMs: number, answeredMs: number): void {
  const nowMs = performance.now();
  fromSent.push(nowMs - sentMs);
  fromAnswer.push(nowMs - answeredMs);
}
