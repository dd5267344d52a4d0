/** The views on a real Cassandra: what holds for every view, wherever it is kept. */
import type { Order, OrderId } from '#schemas/orders';
import type { Recommendation, RecommendationKey } from '#schemas/recommendations';
import {
  type CassandraServer,
  startCassandra,
} from '../../test/servers/cassandra/start-cassandra.ts';
import { openTcpProxy } from '../../test/servers/tcp-proxy.ts';
import { keyedViewContract } from '../views/keyed-view-contract.ts';
import { ordersViewContract } from '../views/orders-view-contract.ts';
import type { OneWriter, Rebuildable } from '../views/rebuild.ts';
import { type RebuildUnderTest, rebuildContract } from '../views/rebuild-contract.ts';
import { sampleOrder, sampleRecommendation } from '../views/sample-values.ts';
import type { ViewReader } from '../views/view.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import type { CassandraViews } from './cassandra-views.ts';
import { crashTests } from './crash-tests.ts';
import { orderListTests } from './order-list-tests.ts';
import { schemaTests } from './schema-tests.ts';
import { serverAwayTests } from './server-away-tests.ts';
import type { TestTools } from './test-tools.ts';
import { twoWritersTests } from './two-writers-tests.ts';
import { ViewsUnderTest } from './views-under-test.ts';

let server: CassandraServer;
let under: ViewsUnderTest;

beforeAll(async () => {
  server = await startCassandra();
  under = await ViewsUnderTest.make({
    contactPoints: [server.contactPoint],
    localDataCenter: server.dataCenter,
    keyspace: 'contracts',
    replicas: { [server.dataCenter]: 1 },
  });
});
afterEach(() => under.reset());
afterAll(async () => {
  await under?.close();
  await server?.stop();
});

const tools: TestTools = {
  server: () => server,
  under: () => under,
  openProxy: () => openTcpProxy(server.port),
};

type Reopenable<View> = View & { readonly reopen: () => Promise<Reopenable<View>> };

function opening<View extends object>(pick: (views: CassandraViews) => View) {
  const open = async (): Promise<Reopenable<View>> => {
    const views = await under.open();
    const reopen = async () => {
      await views.close();
      return open();
    };
    return { ...pick(views), reopen };
  };
  return open;
}

interface Keyed<K, V> extends OneWriter<K, V>, Rebuildable<OneWriter<K, V>> {
  readonly reader: ViewReader & { get(key: K): Promise<V | undefined> };
}

function rebuilding<K, V>(pick: (views: CassandraViews) => Keyed<K, V>) {
  const open = async (): Promise<RebuildUnderTest<K, V>> => {
    const view = pick(await under.open());
    return { ...view, read: (key) => view.reader.get(key), elsewhere: open };
  };
  return open;
}

/** More than a node takes in one write. */
const tooLong = 'x'.repeat(9 * 1024 * 1024);

ordersViewContract(
  'the order history on Cassandra',
  opening((views) => views.orderHistory),
);
keyedViewContract<RecommendationKey, Recommendation>(
  'the recommendations on Cassandra',
  opening((views) => views.recommendations),
  sampleRecommendation,
  (key) => ({ ...sampleRecommendation(key), job: tooLong }),
);
keyedViewContract<OrderId, Order>(
  'the order history on Cassandra, whose orders can be too large,',
  opening((views) => views.orderHistory),
  (id, version) => sampleOrder(id, { version }),
  (id) => sampleOrder(id, { cancelReason: tooLong }),
);
rebuildContract<OrderId, Order>('the order history on Cassandra', {
  open: rebuilding((views) => views.orderHistory),
  key: (id) => id as OrderId,
  value: (id, version) => sampleOrder(id, { version }),
});
rebuildContract<RecommendationKey, Recommendation>('the recommendations on Cassandra', {
  open: rebuilding((views) => views.recommendations),
  key: (key) => key as RecommendationKey,
  value: sampleRecommendation,
});

describe('the confirmations of archived orders on Cassandra', () => {
  test('are how far they have come, and no rows', async () => {
    const { archivalConfirmations, orderHistory } = await under.open();
    const id = 'a' as OrderId;
    await archivalConfirmations.apply([batchOf(0, [[id, sampleOrder('a')]])]);
    await archivalConfirmations.apply([batchOf(0, [[id, sampleOrder('a')]])]);
    const again = await under.open();
    expect(await again.archivalConfirmations.positions()).toEqual([
      { topic: 'contract.state', partition: 0, nextOffset: 1n },
    ]);
    expect(await orderHistory.reader.get(id)).toBeUndefined();
  });

  test('leave nothing out', async () => {
    const { archivalConfirmations } = await under.open();
    await archivalConfirmations.apply([batchOf(0, [])]);
    const afterGap = archivalConfirmations.apply([batchOf(5, [])]);
    await expect(afterGap).rejects.toMatchObject({ code: 'SINK_GAP' });
  });
});

describe('tables that were emptied', () => {
  test.each(['by_id', 'by_user', 'buckets'])(
    'such as %s are read as away, and are whole again when the view was built anew',
    async (suffix) => {
      const { orderHistory } = await under.open();
      const id = 'a' as OrderId;
      const order = sampleOrder('a');
      await orderHistory.writer.apply([batchOf(0, [[id, order]])]);
      expect(await orderHistory.isLost?.()).toBe(false);
      const { live } = await under.register('order-history').state();
      await under.client.define(`TRUNCATE contracts.order_history_g${live}_${suffix}`);
      expect(await orderHistory.isLost?.()).toBe(true);
      const list = () => orderHistory.reader.ofUser(order.userId, { limit: 5 });
      await expect(list()).rejects.toMatchObject({ code: 'VIEW_UNAVAILABLE' });

      const copy = await orderHistory.beginCopy();
      await expect(orderHistory.reader.get(id)).rejects.toMatchObject({
        code: 'VIEW_UNAVAILABLE',
      });
      await copy.writers.writer.apply([batchOf(0, [[id, order]])]);
      await copy.switchOver();
      expect(await orderHistory.isLost?.()).toBe(false);
      expect((await list()).items).toEqual([order]);
      expect(await orderHistory.reader.get(id)).toEqual(order);
    },
  );
});

describe('the history lists orders', () => orderListTests(tools));
describe('two processes that write one view', () => twoWritersTests(tools));
describe('a process or server that dies', () => crashTests(tools));
describe('the schema', () => schemaTests(tools));
describe('a server that is away', () => serverAwayTests(tools));
