/**
 * How soon is an order decided and durable, and what does a whole checkout cost? Beside the disk
 * (an append with fdatasync), or on Kafka beside one transaction of one record through the same
 * driver, and the figures measured of a leading TypeScript shop.
 */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readShopNumbers } from '../test/chaos/arguments.ts';
import { type Buyer, openBuyers } from '../test/journey/hot-item.ts';
import { offerOf, type ShopClient } from '../test/journey/shop-client.ts';
import {
  cpuMsPer,
  idleShare,
  inParallel,
  percentile,
  percentiles,
  printRows,
  rounded,
  type ShopUnderLoad,
  timed,
  withShop,
} from './measuring.ts';

const what = 'Orders and whole checkouts: latency and processor time.';
const { orders, buyers, profile } = readShopNumbers(what, {
  orders: { about: 'how many checkouts', otherwise: 400 },
  buyers: { about: 'how many people take turns', otherwise: 40 },
});

const workers = 8;
const kinds = 50;
const newcomers = 60;
/** Vendure 3.7.3 with Postgres and 10,000 items on a machine of this kind: a whole guest checkout. */
const vendureCpuMs = [283, 305] as const;

await withShop({ MILLRACE_DEMO_ITEMS: '10000' }, measure, profile);

async function measure({ shop, staff, bootstrapServers }: ShopUnderLoad): Promise<void> {
  for (let kind = 0; kind < kinds; kind++) await stocked(staff, kind);
  const people = await openBuyers(shop.url, buyers, 'checkout');
  const idle = await idleShare(shop);

  await timed(50, (index) => checkOut(personOf(people, index), index));
  const answered = await answerTimes(people);
  const perCheckout = await cpuMsPer(shop, orders, () =>
    inParallel(orders, Math.min(workers, people.length), (index, worker) =>
      checkOut(personOf(people, worker), index),
    ),
  );
  const perNewcomer = await cpuMsPer(shop, newcomers, async () => {
    const strangers = await openBuyers(shop.url, newcomers, 'stranger');
    await inParallel(newcomers, workers, (index) => checkOut(personOf(strangers, index), index));
  });
  const beside = bootstrapServers ? await kafkaTimes(bootstrapServers) : diskTimes();

  console.log(`idle: ${rounded(idle * 100)} % of a processor, counted in`);
  const [least, most] = vendureCpuMs;
  const vendure = `Vendure, measured before: ${least} to ${most} CPU-ms`;
  printRows([
    [
      'POST /orders to its answer',
      `p50 / p99 ${percentiles(answered)}`,
      `${beside.what} p50 / p99 ${percentiles(beside.tookMs)}`,
      `${rounded(percentile(answered, 0.5) / percentile(beside.tookMs, 0.5))} of them`,
      profile === 'cluster' ? '< 30 ms p50' : '< 15 ms p50',
    ],
    [
      'checkout: cart, order, payment, placed',
      `${rounded(perCheckout)} CPU-ms`,
      vendure,
      `1 / ${rounded(least / perCheckout)}`,
      '< 20 CPU-ms',
    ],
    [
      'checkout with sign-up, sign-in (two scrypt) and address',
      `${rounded(perNewcomer)} CPU-ms`,
      vendure,
      `1 / ${rounded(least / perNewcomer)}`,
      '',
    ],
  ]);
}

async function stocked(staff: ShopClient, kind: number): Promise<void> {
  await staff.offer(offerOf(skuOf(kind), `Bench green tea ${kind}`));
  await staff.receive(skuOf(kind), 'pune', 100_000, `receipt-${kind}`);
}

function skuOf(index: number): string {
  return `BENCH-${index % kinds}`;
}

function personOf(people: readonly Buyer[], index: number): Buyer {
  const person = people[index % people.length];
  if (!person) throw new Error('nobody to buy');
  return person;
}

/** From an empty cart to the placed order. */
async function checkOut({ client, addressId }: Buyer, index: number): Promise<void> {
  await client.setLine(skuOf(index), 1);
  const { status, body: order } = await client.order(addressId);
  if (status !== 201) throw new Error(`an order was answered ${status}: ${JSON.stringify(order)}`);
  await client.pay(order.payment.id, { outcome: 'approve' });
  await client.until(
    () => client.orderNow(order.id),
    (seen) => seen.status === 'placed',
  );
}

/** One order at a time; the cart and the payment are not in it. */
async function answerTimes(people: readonly Buyer[]): Promise<number[]> {
  const tookMs: number[] = [];
  for (let index = 0; index < orders / 2; index++) {
    const { client, addressId } = personOf(people, index);
    await client.setLine(skuOf(index), 1);
    const startedMs = performance.now();
    const { status, body } = await client.order(addressId);
    tookMs.push(performance.now() - startedMs);
    if (status !== 201) throw new Error(`an order was answered ${status}: ${JSON.stringify(body)}`);
    await client.pay(body.payment.id, { outcome: 'approve' });
    await client.until(
      () => client.orderNow(body.id),
      (seen) => seen.status === 'placed',
    );
  }
  return tookMs;
}

interface Beside {
  readonly what: string;
  readonly tookMs: readonly number[];
}

/** What a step of an order cannot do without: a transaction, through the same driver. */
async function kafkaTimes(bootstrapServers: string): Promise<Beside> {
  const { openKafkaLog } = await import('#streams/kafka');
  const log = await openKafkaLog({ bootstrapServers });
  const topic = 'bench.commits';
  await log.createTopics([
    { name: topic, partitions: 1, cleanupPolicy: 'delete', retentionMs: -1 },
  ]);
  const record = { topic, key: null, value: Buffer.alloc(200), timestampMs: 1, headers: [] };
  // Two records: one by itself would need no transaction.
  const tookMs = await timed(250, async () => void (await log.append([record, record])));
  await log.close();
  return { what: 'a transaction of two records', tookMs: tookMs.slice(50) };
}

function diskTimes(): Beside {
  const path = join(tmpdir(), `millrace-fdatasync-${process.pid}`);
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4_096, 1);
  const tookMs = Array.from({ length: 200 }, () => {
    const startedMs = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - startedMs;
  });
  closeSync(file);
  rmSync(path);
  return { what: 'append and fdatasync', tookMs };
}
