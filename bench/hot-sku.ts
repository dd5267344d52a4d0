/**
 * How many orders a second can one SKU take? Over HTTP, as whole orders; in process, as the
 * inventory decides and makes durable; beside a bare loop with one fdatasync a group, and beside
 * updates of a row in SQLite.
 */
import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'libsql';
import { readNumbers } from '../test/chaos/arguments.ts';
import { type Buyer, openBuyers } from '../test/journey/hot-item.ts';
import { offerOf } from '../test/journey/shop-client.ts';
import { printRows, rounded, withShop } from './measuring.ts';
import { withInventory } from './reservations.ts';

const { callers, rounds, seconds } = readNumbers('Orders and reservations on one SKU.', {
  callers: { about: 'how many at once', otherwise: 64 },
  rounds: { about: 'how often all of them order', otherwise: 15 },
  seconds: { about: 'how long each loop in process runs', otherwise: 5 },
});

const sku = 'HOT-1';
const stock = 10_000_000;

const directory = mkdtempSync(join(tmpdir(), 'millrace-hot-sku-'));
try {
  const decided = await decidedByInventory();
  const loop = await bareLoop();
  const rowUpdates = sqliteUpdates();
  const orders = await ordersOverHttp();
  const beside = `bare loop with group fdatasync ${rounded(loop)}/s`;
  printRows([
    [
      `orders on one SKU over HTTP, ${callers} at once`,
      `${rounded(orders)} orders/s`,
      `SQLite row update, durable each ${rounded(rowUpdates)}/s`,
      `${rounded(orders / rowUpdates)}`,
      '',
    ],
    [
      `reservations on one SKU in process, ${callers} at once`,
      `${rounded(decided)}/s`,
      beside,
      `${rounded(decided / loop)}`,
      '',
    ],
    [
      'the same beside a database row',
      `${rounded(decided)}/s`,
      `SQLite row update, durable each ${rounded(rowUpdates)}/s`,
      `${rounded(decided / rowUpdates)}`,
      '',
    ],
  ]);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Calls from so many callers until the time is over; answers how many a second. */
async function perSecond(call: (number: number) => Promise<unknown>): Promise<number> {
  let done = 0;
  let over = false;
  const caller = async (): Promise<void> => {
    while (!over) await call(done++);
  };
  const startedMs = performance.now();
  setTimeout(() => {
    over = true;
  }, seconds * 1_000);
  await Promise.all(Array.from({ length: callers }, caller));
  return done / ((performance.now() - startedMs) / 1_000);
}

/** The inventory topology on the embedded log: append, decide, commit, hear of it. */
async function decidedByInventory(): Promise<number> {
  return withInventory(join(directory, 'log'), async ({ receive, reserve }) => {
    await receive(sku, stock);
    await perSecond((number) => reserve(sku, `warm-${number}`));
    return perSecond((number) => reserve(sku, `order-${number}`));
  });
}

/** The least that is needed: a counter, a line in a file, and one fdatasync for all who wait. */
async function bareLoop(): Promise<number> {
  const file = openSync(join(directory, 'reservations.log'), 'w');
  const [writeFile, sync] = [promisify(write), promisify(fdatasync)];
  let available = stock;
  let waiting: { readonly line: string; readonly resolve: () => void }[] = [];
  let running = false;
  const drain = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await writeFile(file, group.map(({ line }) => line).join(''));
      await sync(file);
      for (const { resolve } of group) resolve();
    }
    running = false;
  };
  const reserve = (order: number) =>
    new Promise<void>((resolve, reject) => {
      if (available === 0) return reject(new Error('out of stock'));
      available -= 1;
      waiting.push({ line: `${JSON.stringify({ order, sku, available })}\n`, resolve });
      if (!running) drain().catch(reject);
    });
  const rate = await perSecond(reserve);
  closeSync(file);
  return rate;
}

/** One durable transaction each, as a shop does that keeps stock in a row. */
function sqliteUpdates(): number {
  const database = new Database(join(directory, 'stock.db'));
  database.pragma('journal_mode = wal');
  database.pragma('synchronous = full');
  database.exec('create table stock (sku text primary key, on_hand int, reserved int)');
  database.prepare('insert into stock values (?, ?, 0)').run(sku, stock);
  const update = database.prepare(
    'update stock set reserved = reserved + 1 where sku = ? and on_hand - reserved >= 1',
  );
  let done = 0;
  const startedMs = performance.now();
  while (performance.now() - startedMs < seconds * 1_000) {
    update.run(sku);
    done += 1;
  }
  const rate = done / ((performance.now() - startedMs) / 1_000);
  database.close();
  return rate;
}

/** Only the orders are timed: carts are filled before each round. */
async function ordersOverHttp(): Promise<number> {
  let rate = 0;
  await withShop({ MILLRACE_DEMO_ITEMS: '100' }, async ({ shop, staff }) => {
    await staff.offer(offerOf(sku, 'Hot green tea'));
    await staff.receive(sku, 'pune', 1_000_000, 'receipt-hot');
    const people = await openBuyers(shop.url, callers, 'hot');
    let orderingMs = 0;
    for (let round = 0; round <= rounds; round++) {
      await Promise.all(people.map(({ client }) => client.setLine(sku, 1)));
      const startedMs = performance.now();
      await Promise.all(people.map(ordered));
      // The first round warms up.
      if (round > 0) orderingMs += performance.now() - startedMs;
      await Promise.all(people.map(untilCartIsEmpty));
    }
    rate = (rounds * people.length) / (orderingMs / 1_000);
  });
  return rate;
}

async function ordered({ client, addressId }: Buyer): Promise<void> {
  const { status, body } = await client.order(addressId, { paymentMethod: 'cash-on-delivery' });
  if (status !== 201) throw new Error(`an order was answered ${status}: ${JSON.stringify(body)}`);
}

async function untilCartIsEmpty({ client }: Buyer): Promise<void> {
  await client.until(
    () => client.cart(),
    ({ lines }) => lines.length === 0,
  );
}
