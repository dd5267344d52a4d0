/** The shop on brokers as they are in production: three, behind TLS and a password. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBuyers } from '../journey/hot-item.ts';
import { offerOf, ShopClient } from '../journey/shop-client.ts';
import { admin, ShopProcess } from '../journey/shop-process.ts';
import { inSyncReplicas } from '../servers/native-client.ts';
import { type ShopServers, startShopServers } from '../servers/shop-servers.ts';

const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-three-'));
const environment: Record<string, string> = { MILLRACE_DEMO_ITEMS: '20' };
/** Three brokers and the shop's first start share two cores. */
const readyWithinMs = 300_000;
const shop = new ShopProcess({ dataDirectory, environment, readyWithinMs });
const sku = 'THREE-1';
let servers: ShopServers | undefined;

beforeAll(async () => {
  servers = await startShopServers('cluster', {
    nodes: 3,
    security: true,
    views: 'files',
  });
  Object.assign(environment, servers.environment);
  await shop.start();
}, readyWithinMs + 120_000);

afterAll(async () => {
  await shop.kill();
  await servers?.stop();
  rmSync(dataDirectory, { recursive: true, force: true });
});

test('takes orders on three secured brokers, and goes on when one of them dies', async () => {
  const staff = new ShopClient(shop.url);
  await staff.signIn(admin.email, admin.password);
  await staff.offer(offerOf(sku, 'Green tea of three brokers'));
  await staff.receive(sku, 'pune', 10, 'receipt-of-three');
  const [buyer] = await openBuyers(shop.url, 1, 'three');
  const kafka = servers?.kafka;
  if (!buyer || !kafka) throw new Error('there is nobody to buy, or no Kafka');

  const buy = async (key: string): Promise<void> => {
    await buyer.client.until(
      () => buyer.client.send('PUT', `/v1/cart/lines/${sku}`, { quantity: 1 }),
      ({ status }) => status === 200,
      60_000,
    );
    const { body: order } = await buyer.client.until(
      () => buyer.client.order(buyer.addressId, { key }),
      ({ status }) => status === 201,
      60_000,
    );
    const charge = `/sandbox/payments/${order.payment.id}`;
    await buyer.client.until(
      () => buyer.client.send('POST', charge, { outcome: 'approve' }),
      ({ status }) => status === 202,
      60_000,
    );
    await buyer.client.until(
      () => buyer.client.orderNow(order.id),
      ({ status }) => status === 'placed',
      60_000,
    );
  };

  await buy('with-three');
  const settings = { 'bootstrap.servers': kafka.bootstrapServers };
  for (const topic of ['orders.events', 'orders-order-entries-changelog', 'orders-tasks']) {
    expect(await inSyncReplicas(settings, topic, 3)).toEqual([1, 2, 3]);
  }

  await kafka.nodes[0]?.kill();
  await buy('with-two');
  expect(await staff.stock(sku)).toMatchObject({ reserved: 2, available: 8 });
});
