/** Every view on MySQL and on MariaDB, by the contracts that hold wherever a view is kept. */
import type { Notification } from '#schemas/notifications';
import type { OrderId } from '#schemas/orders';
import type { Finding, FindingId } from '#schemas/reconciliation';
import type { UserId } from '#schemas/users';
import { startMysql } from '../../test/servers/mysql/start-mysql.ts';
import { encodeCursor } from '../views/cursor.ts';
import { inventoryViewContract } from '../views/inventory-view-contract.ts';
import { keyedViewContract } from '../views/keyed-view-contract.ts';
import { findingsViewContract, notificationsViewContract } from '../views/lists-contract.ts';
import { ordersViewContract } from '../views/orders-view-contract.ts';
import { type RebuildUnderTest, rebuildContract } from '../views/rebuild-contract.ts';
import {
  sampleCart,
  sampleFinding,
  sampleLevel,
  sampleNotification,
  sampleOrder,
  samplePayment,
  sampleWishlist,
} from '../views/sample-values.ts';
import type { ViewReader, ViewWriter } from '../views/view.ts';
import type { MysqlViews } from './mysql-views.ts';
import type { MysqlView } from './stored-view.ts';
import { flavours, type MysqlUnderTest, mysqlUnderTest } from './testing/mysql-under-test.ts';

interface Opened<R, W> {
  readonly reader: R;
  readonly writer: W;
  readonly reopen: () => Promise<Opened<R, W>>;
}

function opening<R extends ViewReader, W extends ViewWriter<never, never>>(
  mysql: MysqlUnderTest,
  pick: (views: MysqlViews) => { readonly reader: R; readonly writer: W },
): () => Promise<Opened<R, W>> {
  const open = async (): Promise<Opened<R, W>> => {
    const views = await mysql.openViews();
    const { reader, writer } = pick(views);
    const reopen = async () => {
      await views.close();
      return open();
    };
    return { reader, writer, reopen };
  };
  return open;
}

function rebuilding<R extends ViewReader, K, V, E>(
  mysql: MysqlUnderTest,
  pick: (views: MysqlViews) => MysqlView<R, K, V, E>,
  read: (reader: R, key: K) => Promise<V | undefined>,
): () => Promise<RebuildUnderTest<K, V>> {
  const open = async (): Promise<RebuildUnderTest<K, V>> => {
    const { reader, writer, beginCopy } = pick(await mysql.openViews());
    return { reader, writer, read: (key) => read(reader, key), beginCopy, elsewhere: open };
  };
  return open;
}

describe.each(flavours)('on %s', (flavour) => {
  const mysql = mysqlUnderTest(() => startMysql({ flavour }));
  keyedViewContract(
    'the carts view',
    opening(mysql, ({ carts }) => carts),
    sampleCart,
  );
  keyedViewContract(
    'the wishlists view',
    opening(mysql, ({ wishlists }) => wishlists),
    sampleWishlist,
  );
  keyedViewContract(
    'the payments view',
    opening(mysql, ({ payments }) => payments),
    samplePayment,
  );
  ordersViewContract(
    'the live orders view',
    opening(mysql, ({ liveOrders }) => liveOrders),
  );
  inventoryViewContract(
    'the inventory view',
    opening(mysql, ({ inventory }) => inventory),
  );
  findingsViewContract(
    'the findings view',
    opening(mysql, ({ findings }) => findings),
  );
  notificationsViewContract(
    'the notifications view',
    opening(mysql, ({ notifications }) => notifications),
  );
  rebuildContracts(mysql);
  longListTests(mysql);
});

function rebuildContracts(mysql: MysqlUnderTest): void {
  const key = <K extends string>(name: string) => name as K;
  rebuildContract('the carts view', {
    open: rebuilding(
      mysql,
      ({ carts }) => carts,
      (reader, userId) => reader.get(userId),
    ),
    key,
    value: sampleCart,
  });
  rebuildContract('the live orders view', {
    open: rebuilding(
      mysql,
      ({ liveOrders }) => liveOrders,
      (reader, id: OrderId) => reader.get(id),
    ),
    key,
    value: (id, version) => sampleOrder(id, { version }),
  });
  rebuildContract('the inventory view', {
    open: rebuilding(
      mysql,
      ({ inventory }) => inventory,
      (reader, sku) => reader.get(sku),
    ),
    key,
    value: (sku, version) => sampleLevel(sku, { PUNE: [version, 1] }, version),
  });
  rebuildContract<FindingId, Finding>('the findings view', {
    open: rebuilding(
      mysql,
      ({ findings }) => findings,
      async (reader, id) => {
        const { items } = await reader.list({ limit: 100, open: false });
        return items.find((finding) => finding.id === id);
      },
    ),
    key,
    value: (id, version) => sampleFinding(id, { version }),
  });
  rebuildContract<UserId, Notification>('the notifications view', {
    open: rebuilding(
      mysql,
      ({ notifications }) => notifications,
      async (reader, userId) => (await reader.ofUser(userId, { limit: 1 })).items[0],
    ),
    key,
    value: (userId, revision) =>
      sampleNotification(`to ${userId}`, { userId: userId as UserId, title: String(revision) }),
  });
}

const digits = '(SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) digits';
/** 3,125 orders of one user, two of them at a time, made where they are. */
const longList = `
  INSERT INTO millrace.live_orders (entry_key, value, user_id, is_listed, created_at)
  SELECT CONCAT('order-', n), '{}', 'user-1', 1, n DIV 2 FROM (
    SELECT a.n + 5 * b.n + 25 * c.n + 125 * d.n + 625 * e.n AS n
    FROM ${['a', 'b', 'c', 'd', 'e'].map((name) => digits.replace(/digits$/, name)).join()}
  ) numbers`;

function longListTests(mysql: MysqlUnderTest): void {
  async function rowsRead(): Promise<number> {
    const rows = await mysql.server().asRoot("SHOW GLOBAL STATUS LIKE 'Handler_read_prev'");
    return rows.reduce((sum, { Value: count }) => sum + Number(count), 0);
  }

  test('a page far down a long list is read without what comes before it', async () => {
    const { liveOrders } = await mysql.openViews();
    await mysql.server().asRoot(longList);
    const before = await rowsRead();
    const cursor = encodeCursor([700, 'order-1400']);
    const { items } = await liveOrders.reader.ofUser('user-1' as UserId, { limit: 20, cursor });
    expect(items).toHaveLength(20);
    expect((await rowsRead()) - before).toBeLessThan(200);
  });
}
