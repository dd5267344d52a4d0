/** A server that hangs, is cut off, loses answers, becomes a replica, or will not take something. */
import { inspect } from 'node:util';
import type { Sku } from '#schemas/items';
import type { UserEvent, UserId } from '#schemas/users';
import { type MysqlServer, startMysql } from '../../test/servers/mysql/start-mysql.ts';
import { openTcpProxy, type TcpProxy } from '../../test/servers/tcp-proxy.ts';
import { sampleCart, sampleLevel } from '../views/sample-values.ts';
import type { User } from '../views/users-store.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { migrateMysql } from './migrate.ts';
import { MysqlDatabase, rowsOf } from './mysql-database.ts';
import { isRejection } from './mysql-error.ts';
import { openMysqlViews } from './mysql-views.ts';
import { flavours, type MysqlUnderTest, mysqlUnderTest } from './testing/mysql-under-test.ts';
import { openMysqlUsers } from './users-store.ts';

const anna: User = {
  id: 'anna' as UserId,
  email: 'anna@example.com',
  name: 'Anna',
  roles: ['shopper'],
  passwordHash: 'scrypt$1',
  createdAtMs: 1_000,
};
const registered: UserEvent = { type: 'UserRegistered', role: 'shopper', at: 1_000 };
const cart = (revision: number) => [anna.id, sampleCart(anna.id, revision)] as const;
/** On their way to us; long enough to see what has been done and to cut the way. */
const answersTakeMs = 400;

type Mysql = MysqlUnderTest<MysqlServer>;

/** A way to the server that can be made bad. */
interface BadWay {
  readonly proxy: TcpProxy;
  readonly url: string;
}

function badWays(mysql: Mysql): () => Promise<BadWay> {
  const proxies: TcpProxy[] = [];
  afterEach(() => Promise.all(proxies.splice(0).map((proxy) => proxy.close())));
  return async () => {
    const proxy = await openTcpProxy(mysql.server().port);
    proxies.push(proxy);
    return { proxy, url: mysql.server().url.replace(/:\d+\//, `:${proxy.port}/`) };
  };
}

/** Does `work`, and cuts the way when `sql` finds it done and its answer is still under way. */
async function losingTheAnswer<T>(
  mysql: Mysql,
  { proxy }: BadWay,
  sql: string,
  work: () => Promise<T>,
): Promise<T> {
  proxy.delayMs = answersTakeMs;
  const done = work();
  done.catch(() => {}); // It is awaited below.
  while ((await mysql.server().asRoot(sql)).length === 0);
  proxy.delayMs = 0;
  proxy.cut();
  return done;
}

describe.each(flavours)('on %s', (flavour) => {
  const mysql = mysqlUnderTest(() => startMysql({ flavour }));
  hungTests(mysql);
  lostAnswerTests(mysql);
  refusalTests(mysql);
  migrationTests(mysql);
});

function hungTests(mysql: Mysql): void {
  const badWay = badWays(mysql);

  test('neither reads nor writes wait for a server that hangs, and both go on after it', async () => {
    const way = await badWay();
    const { carts } = await mysql.openViews(way.url);
    await carts.writer.apply([batchOf(0, [cart(1)])]);
    way.proxy.hang();
    const reads = Array.from({ length: 20 }, () => carts.reader.get(anna.id));
    const outcomes = await Promise.allSettled(reads);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'VIEW_UNAVAILABLE' } });
    }
    const write = carts.writer.apply([batchOf(1, [cart(2)])]);
    await expect(write).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
    way.proxy.goOn();
    expect(await carts.reader.get(anna.id)).toEqual(sampleCart(anna.id, 1));
    await carts.writer.apply([batchOf(1, [cart(2)])]);
    expect(await carts.reader.get(anna.id)).toEqual(sampleCart(anna.id, 2));
  });
}

function lostAnswerTests(mysql: Mysql): void {
  const badWay = badWays(mysql);

  test('a view is right when connections are cut, whatever was under way', async () => {
    const way = await badWay();
    const { carts } = await mysql.openViews(way.url);
    await carts.writer.apply([batchOf(0, [cart(1)])]);
    await losingTheAnswer(
      mysql,
      way,
      'SELECT 1 FROM millrace.carts_positions WHERE next_offset = 2',
      () => carts.writer.apply([batchOf(1, [cart(2)])]),
    );
    expect(await carts.reader.get(anna.id)).toEqual(sampleCart(anna.id, 2));
    expect(await carts.writer.positions()).toMatchObject([{ nextOffset: 2n }]);
  });

  test('a user is made once, and told of once, when the answer to the commit is lost', async () => {
    const way = await badWay();
    const users = mysql.closing(await openMysqlUsers(way));
    await losingTheAnswer(mysql, way, "SELECT 1 FROM millrace.users WHERE id = 'anna'", () =>
      users.create(anna, registered),
    );
    expect(await users.get(anna.id)).toEqual(anna);
    expect(await users.outbox(10)).toHaveLength(1);
    await losingTheAnswer(
      mysql,
      way,
      'SELECT 1 FROM millrace.users_outbox HAVING COUNT(*) = 2',
      () => users.delete(anna.id, { type: 'UserDeleted', at: 2_000 }),
    );
    expect(await users.outbox(10)).toHaveLength(2);
  });

  test('nobody gets a token when it is not known whose it was', async () => {
    const way = await badWay();
    const users = mysql.closing(await openMysqlUsers(way));
    await users.create(anna, registered);
    await users.saveRefreshToken({ tokenHash: 't1', userId: anna.id, expiresAtMs: 9_000 });
    const taken = losingTheAnswer(
      mysql,
      way,
      'SELECT COUNT(*) AS count FROM millrace.refresh_tokens HAVING count = 0',
      () => users.takeRefreshToken('t1'),
    );
    await expect(taken).rejects.toMatchObject({ code: 'VIEW_UNAVAILABLE' });
    expect(await users.takeRefreshToken('t1')).toBeUndefined();
  });
}

function refusalTests(mysql: Mysql): void {
  test('a replica is not written, and is read', async () => {
    const { carts } = await mysql.openViews();
    await carts.writer.apply([batchOf(0, [cart(1)])]);
    await mysql.server().asRoot('SET GLOBAL read_only = 1');
    try {
      const write = carts.writer.apply([batchOf(1, [cart(2)])]);
      await expect(write).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
      expect(await carts.reader.get(anna.id)).toEqual(sampleCart(anna.id, 1));
    } finally {
      await mysql.server().asRoot('SET GLOBAL read_only = 0');
    }
    await carts.writer.apply([batchOf(1, [cart(2)])]);
  });

  test('a copy that another took the place of is neither written nor made live', async () => {
    const { carts } = await mysql.openViews();
    const first = await carts.beginCopy();
    const second = await (await mysql.openViews()).carts.beginCopy();
    const write = first.writers.writer.apply([batchOf(0, [cart(1)])]);
    await expect(write).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
    await expect(first.switchOver()).rejects.toThrow('another copy was begun');
    await first.abandon();
    await second.writers.writer.apply([batchOf(0, [cart(2)])]);
    await second.switchOver();
    expect(await carts.reader.get(anna.id)).toEqual(sampleCart(anna.id, 2));
  });

  test('a key that is too long is refused, with all of its batch', async () => {
    const { carts } = await mysql.openViews();
    const long = 'x'.repeat(1_025) as UserId;
    const write = carts.writer.apply([batchOf(0, [cart(1), [long, sampleCart(long)]])]);
    await expect(write).rejects.toMatchObject({ code: 'SINK_REJECTED' });
    expect(await carts.reader.get(anna.id)).toBeUndefined();
    expect(await carts.writer.positions()).toEqual([]);
  });

  test('no error shows the password or what was to be written', async () => {
    const wrong = mysql.server().url.replace(':millrace@', ':s3cret@');
    const refused = await openMysqlViews({ url: wrong }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'VIEW_UNAVAILABLE' });
    expect(inspect(refused, { depth: 10, showHidden: true })).not.toContain('s3cret');

    const users = mysql.closing(await openMysqlUsers({ url: mysql.server().url }));
    await users.create(anna, registered);
    const taken = await users.create(anna, registered).catch((error: unknown) => error);
    expect(taken).toMatchObject({ code: 'VIEW_CONFLICT' });
    expect(inspect(taken, { depth: 10, showHidden: true })).not.toContain(anna.passwordHash);
  });
}

function migrationTests(mysql: Mysql): void {
  test('a database without tables, or with newer ones, is not opened', async () => {
    const url = await mysql.server().createDatabase(`millrace_${Date.now()}`);
    await expect(openMysqlViews({ url })).rejects.toThrow('run `millrace migrate`');
    const reports = await Promise.all(Array.from({ length: 4 }, () => migrateMysql({ url })));
    expect(reports.map(({ from }) => from).sort()).toEqual([0, 1, 1, 1]);
    const views = await openMysqlViews({ url });
    await views.carts.writer.apply([batchOf(0, [cart(1)])]);
    await views.close();
    expect(await migrateMysql({ url })).toEqual({ from: 1, to: 1 });

    const name = new URL(url).pathname.slice(1);
    await mysql.server().asRoot(`UPDATE ${name}.millrace_version SET version = 99`);
    await expect(openMysqlViews({ url })).rejects.toThrow('run a newer Millrace');
    await expect(migrateMysql({ url })).rejects.toThrow('run a newer Millrace');
  });
}

describe('on mariadb, as on MySQL from 8.0.16', () => {
  const mysql = mysqlUnderTest(() => startMysql({ flavour: 'mariadb' }));

  test('the database itself refuses stock that is oversold, also in a view built anew', async () => {
    const { inventory } = await mysql.openViews();
    const sku = 'TEA' as Sku;
    const copy = await inventory.beginCopy();
    const level = sampleLevel(sku, { PUNE: [2, 1] });
    await copy.writers.writer.apply([batchOf(0, [[sku, level]])]);
    await copy.switchOver();

    const database = mysql.closing(new MysqlDatabase({ url: mysql.server().url }));
    const refusal = (sql: string) =>
      database.write((tables) => rowsOf(tables, sql)).catch((error: unknown) => error);
    expect(isRejection(await refusal('UPDATE warehouse_stock SET reserved = 3'))).toBe(true);
    const orphan = "INSERT INTO warehouse_stock VALUES ('MILK', 'PUNE', 1, 0, 1, 0, 0)";
    expect(isRejection(await refusal(orphan))).toBe(true);
    expect(await inventory.reader.get(sku)).toEqual(level);
  });
});
