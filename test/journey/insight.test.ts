/**
 * What the shop knows of itself, end to end in a process of its own: lake, batch jobs,
 * recommendations, live counts, archival, reconciliation, taps, the audit.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { punePincode } from './hot-item.ts';
import type { OrderReply } from './replies.ts';
import { ShopClient } from './shop-client.ts';
import { admin, ShopProcess } from './shop-process.ts';

const patienceMs = 180_000;
const command = join(import.meta.dirname, '../../cli/millrace.cjs');

const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-insight-'));
const shop = new ShopProcess({
  dataDirectory,
  environment: {
    MILLRACE_DEMO_ITEMS: '200',
    MILLRACE_LAKE_EVERY_MS: '300',
    MILLRACE_BATCH_EVERY_MS: '1000',
    MILLRACE_RETURN_WINDOW_MS: '0',
    MILLRACE_ARCHIVE_AFTER_MS: '0',
    MILLRACE_RECONCILIATION_GRACE_MS: '1000',
  },
});
const staff = () => signedIn(new ShopClient(shop.url));
const signedIn = async (client: ShopClient) => {
  await client.signIn(admin.email, admin.password);
  return client;
};

function millrace(...words: readonly string[]): string {
  const env = { ...process.env, NODE_OPTIONS: '', MILLRACE_DATA: dataDirectory };
  return execFileSync(process.execPath, [command, ...words], { env }).toString();
}

interface Buyer {
  readonly client: ShopClient;
  readonly addressId: string;
}

async function buyer(name: string): Promise<Buyer> {
  const client = new ShopClient(shop.url);
  await client.signUp(`${name}@insight.example`);
  return { client, addressId: await client.addAddress(punePincode) };
}

async function buy({ client, addressId }: Buyer, ...skus: readonly string[]): Promise<OrderReply> {
  for (const sku of skus) await client.setLine(sku, 1);
  const { status, body } = await client.order(addressId);
  expect(status).toBe(201);
  await client.pay(body.payment.id, { outcome: 'approve' });
  return client.until<OrderReply>(
    () => client.orderNow(body.id),
    (order) => order.status === 'placed',
  );
}

let skus: readonly string[];
let ann: Buyer;
let ben: Buyer;

beforeAll(async () => {
  await shop.start();
  ann = await buyer('ann');
  ben = await buyer('ben');
  const { hits } = await ann.client.search({ pincode: punePincode, limit: '20' });
  skus = hits.map(({ sku }) => sku);
}, patienceMs);

afterAll(async () => {
  await shop.kill();
  rmSync(dataDirectory, { recursive: true, force: true });
}, patienceMs);

test(
  'what people bought becomes what others are shown: lake, job, log, view, API',
  async () => {
    const [tea = '', milk = '', bread = ''] = skus;
    await buy(ann, tea, milk);
    await buy(ben, tea, milk, bread);

    const similar = () =>
      ann.client.ask<{ items: { sku: string; reason: string }[] }>(
        'GET',
        `/v1/items/${tea}/similar`,
      );
    const found = await ann.client.until(
      similar,
      ({ items }) => items.some(({ reason }) => reason === 'bought-together'),
      60_000,
    );
    expect(found.items[0]).toMatchObject({ sku: milk, reason: 'bought-together' });

    const mine = await ann.client.until(
      () =>
        ann.client.ask<{ items: { sku: string; reason: string }[] }>('GET', '/v1/recommendations'),
      ({ items }) => items.some(({ reason }) => reason === 'similar-users'),
      60_000,
    );
    expect(mine.items[0]).toMatchObject({ sku: bread, reason: 'similar-users' });
  },
  patienceMs,
);

test(
  'the lake has each record once, over a kill in the middle of writing it',
  async () => {
    await shop.kill();
    await shop.start();
    await buy(ann, skus[3] ?? '');
    const client = await staff();
    const inLog = () =>
      client.ask<{ topics: { name: string; records: number }[] }>('GET', '/v1/taps');
    const counted = () =>
      millrace(
        'sql',
        '--json',
        'SELECT count(*) AS all, count(DISTINCT ("partition", "offset")) AS once FROM orders_events',
      );
    const { topics } = await inLog();
    const records = topics.find(({ name }) => name === 'orders.events')?.records ?? 0;
    const line = await client.until(
      async () => counted(),
      (seen) => Number((JSON.parse(seen) as { all: string }).all) >= records,
      30_000,
    );
    const { all, once } = JSON.parse(line) as { all: string; once: string };
    expect(all).toBe(once);
  },
  patienceMs,
);

test(
  'an order that has ended moves to the history and is seen once, in one list',
  async () => {
    const order = await buy(ben, skus[4] ?? '');
    const client = await staff();
    for (const { id } of order.shipments)
      for (const event of ['packed', 'shipped', 'delivered'])
        await client.ask('POST', `/v1/shipments/${id}/events`, { event });

    const archived = () =>
      millrace('tap', 'archival.orders', '--key', order.id).split('\n').filter(Boolean);
    await client.until(
      async () => archived(),
      (lines) => lines.length > 0,
      30_000,
    );
    await client.until(
      async () => millrace('tap', 'orders.state', '--key', order.id).trim().split('\n').at(-1),
      (last) => JSON.parse(last ?? '{}').value === null,
      30_000,
    );
    const { orders } = await ben.client.ask<{ orders: { id: string; status: string }[] }>(
      'GET',
      '/v1/orders?limit=100',
    );
    expect(orders.filter(({ id }) => id === order.id)).toMatchObject([{ status: 'completed' }]);
    expect(await ben.client.orderNow(order.id)).toMatchObject({ status: 'completed' });
  },
  patienceMs,
);

test(
  'what people do is counted live, and the stream of counts ends with the shop',
  async () => {
    const client = await staff();
    await client.until(
      () =>
        client.ask<{ minutes: { count: number }[] }>('GET', '/v1/analytics/minutes?measure=orders'),
      ({ minutes }) => minutes.reduce((sum, { count }) => sum + count, 0) >= 4,
      30_000,
    );
    const { accessToken } = await client.ask<{ accessToken: string }>(
      'POST',
      '/v1/sessions',
      admin,
    );
    const stream = await fetch(`${shop.url}/v1/analytics/stream?access_token=${accessToken}`);
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    const reader = stream.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    expect(first.length).toBeGreaterThan(0);

    const tap = await fetch(`${shop.url}/v1/taps/orders.events?from=earliest`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(tap.status).toBe(200);
    expect(await shop.stop()).toBe(0);
    await tap.body?.cancel().catch(() => {});
    await shop.start();
  },
  patienceMs,
);

test(
  'nothing is left over: no findings, no dead letters, every view equals the log',
  async () => {
    const client = await staff();
    const { topics } = await client.ask<{ topics: { name: string; records: number }[] }>(
      'GET',
      '/v1/taps',
    );
    const dead = topics.filter(({ name, records }) => /dead-letters$/.test(name) && records > 0);
    expect(dead).toEqual([]);
    const open = await client.ask<{ findings: unknown[] }>('GET', '/v1/reconciliation');
    expect(open.findings).toEqual([]);
    expect(millrace('audit')).toContain('every view equals the log');
  },
  patienceMs,
);
