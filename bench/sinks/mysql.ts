/**
 * How many records a second does a sink write on MySQL or MariaDB, and what does our writer cost over
 * the bare client? `node --import tsx bench/sinks/mysql.ts [mariadb|mysql]`.
 *
 * Records are whole orders of 0.7 kB with keys of their own. "mysql2" writes the same rows in transactions
 * of the same size by a plain `INSERT … ON DUPLICATE KEY UPDATE`, without positions.
 */
import { createPool } from 'mysql2/promise';
import type { Order, OrderId } from '#schemas/orders';
import { migrateMysql } from '../../connectors/mysql/migrate.ts';
import { openMysqlViews } from '../../connectors/mysql/mysql-views.ts';
import { sampleCart, sampleLevel, sampleOrder } from '../../connectors/views/sample-values.ts';
import type { ViewWriter } from '../../connectors/views/view.ts';
import { batchOf } from '../../connectors/views/view-writer-contract.ts';
import { startMysql } from '../../test/servers/mysql/start-mysql.ts';
import { machine, processCpuMs } from '../measuring.ts';

const flavour = process.argv[2] === 'mysql' ? 'mysql' : 'mariadb';
const batchSizes = [50, 100, 500, 1_000];
const secondsEach = 3;

const server = await startMysql({ flavour });

interface Figures {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly serverCpuUs: number;
}

/** Writes batches for a while, after a few that do not count. */
async function measure(size: number, write: (from: number) => Promise<void>): Promise<Figures> {
  let from = 0;
  for (; from < 5 * size; from += size) await write(from);
  const begin = from;
  const cpu = process.cpuUsage();
  const serverCpuMs = processCpuMs(server.pid);
  const startedMs = performance.now();
  while (performance.now() - startedMs < secondsEach * 1_000) {
    await write(from);
    from += size;
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const used = process.cpuUsage(cpu);
  const count = from - begin;
  return {
    perSecond: count / seconds,
    cpuUs: (used.user + used.system) / count,
    serverCpuUs: ((processCpuMs(server.pid) - serverCpuMs) * 1_000) / count,
  };
}

function print(what: string, size: number, { perSecond, cpuUs, serverCpuUs }: Figures): void {
  const cells = [what, size, ...[perSecond, cpuUs, serverCpuUs].map((value) => Math.round(value))];
  console.log(`| ${cells.map((cell) => cell.toLocaleString('en')).join(' | ')} |`);
}

/** By a sink, each change with a key of its own. */
function by<K, V>(writer: ViewWriter<K, V>, size: number, valueAt: (key: string) => V) {
  return (from: number) => {
    const keys = Array.from({ length: size }, (_, index) => `key-${from + index}`);
    return writer.apply([
      batchOf(
        from,
        keys.map((key) => [key as K, valueAt(key)]),
      ),
    ]);
  };
}

async function bareClient(size: number): Promise<Figures> {
  const pool = createPool({ uri: server.url, connectionLimit: 1 });
  await pool.query('TRUNCATE live_orders');
  const order = (key: string) => sampleOrder(key);
  const row = '(?,?,?,?,?)';
  const sql =
    'INSERT INTO live_orders (entry_key,value,user_id,is_listed,created_at) VALUES ' +
    `${Array(size).fill(row).join()} ON DUPLICATE KEY UPDATE value=VALUES(value)`;
  try {
    return await measure(size, async (from) => {
      const values = Array.from({ length: size }, (_, index) => {
        const { id, userId, createdAt, ...rest } = order(`key-${from + index}`);
        return [id, JSON.stringify({ id, userId, createdAt, ...rest }), userId, 1, createdAt];
      });
      await pool.query('BEGIN');
      await pool.query(sql, values.flat());
      await pool.query('COMMIT');
    });
  } finally {
    await pool.end();
  }
}

/** The same without the database: making the records and their JSON. */
function makingRecords(count: number): number {
  const cpu = process.cpuUsage();
  let chars = 0;
  for (let at = 0; at < count; at += 1) chars += JSON.stringify(sampleOrder(`key-${at}`)).length;
  const { user, system } = process.cpuUsage(cpu);
  console.log(`\nmaking a record and its JSON of ${Math.round(chars / count)} bytes costs`);
  return (user + system) / count;
}

async function measureEntries(): Promise<void> {
  const views = await openMysqlViews({ url: server.url });
  const startedMs = performance.now();
  let count = 0;
  for await (const _entry of views.liveOrders.entries()) count += 1;
  const seconds = (performance.now() - startedMs) / 1_000;
  console.log(`\nentries: ${count.toLocaleString('en')} in ${seconds.toFixed(1)} s`);
  await views.close();
}

async function clear(tables: readonly string[]): Promise<void> {
  const statements = tables.map((table) => `DELETE FROM millrace.${table}`);
  await server.asRoot(...statements);
}

try {
  await migrateMysql({ url: server.url });
  const [{ version } = {}] = await server.asRoot('SELECT VERSION() AS version');
  console.log(`${version}, ${machine()}\n`);
  console.log('| writer | records a batch | records/s | CPU us a record | CPU us of the server |');
  console.log('|---|---|---|---|---|');
  for (const size of batchSizes) {
    print('orders, mysql2', size, await bareClient(size));
    await clear(['live_orders']);
    const views = await openMysqlViews({ url: server.url });
    const { carts, inventory, liveOrders } = views;
    const orders = by<OrderId, Order>(liveOrders.writer, size, sampleOrder);
    print('orders', size, await measure(size, orders));
    print('carts', size, await measure(size, by(carts.writer, size, sampleCart)));
    const levelOf = (sku: string) => sampleLevel(sku, { PUNE: [5, 1], DELHI: [3, 0] });
    print(
      'stock in two warehouses',
      size,
      await measure(size, by(inventory.writer, size, levelOf)),
    );
    await views.close();
    if (size === batchSizes.at(-1)) await measureEntries();
    const cleared = ['live_orders', 'carts', 'stock_levels'];
    await clear([...cleared, 'live_orders_positions', 'carts_positions', 'inventory_positions']);
  }
  console.log(`${makingRecords(50_000).toFixed(1)} us`);
} finally {
  await server.stop();
}
