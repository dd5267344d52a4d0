/** What the gateway answers while the database under one of its views is closed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ItemId } from '#schemas/items';
import type { RecommendationKey } from '#schemas/recommendations';
import type { AddressId, UserId } from '#schemas/users';
import { openEmbeddedViews } from '../../connectors/embedded/embedded-views.ts';
import type { Views } from '../../serving/dependencies.ts';
import {
  anAddress,
  bengaluru,
  stockItem,
  type TestShop,
  tea,
  testShop,
} from '../../serving/testing/test-shop.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-away-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The readers of a database that was closed under them. */
function closedViews(): Views {
  const {
    orderHistory,
    close,
    archivalConfirmations: _,
    ...views
  } = openEmbeddedViews({ directory });
  close();
  const readers = Object.entries(views).map(([name, { reader }]) => [name, reader]);
  return { ...Object.fromEntries(readers), archivedOrders: orderHistory.reader } as Views;
}

/** A shop with an order in the history and a cart, in which `part` has gone away. */
async function shopWithout(part: keyof Views) {
  const shop = await testShop({ views: { [part]: closedViews()[part] } });
  stockItem(shop, tea, 5);
  shop.tables.recommendations.put('trending' as RecommendationKey, {
    key: 'trending' as RecommendationKey,
    items: [{ itemId: tea as string as ItemId, score: 1, reason: 'trending' }],
    job: 'test/1',
    computedAt: 1,
  });
  return { shop, headers: shop.as('anna') };
}

const search = `/v1/search?q=tea&pincode=${bengaluru}`;
const item = `/v1/items/${tea}?pincode=${bengaluru}`;
const recommendations = `/v1/recommendations?pincode=${bengaluru}`;

test.each<[keyof Views, string, string]>([
  ['search', item, ''],
  ['search', recommendations, ''],
  ['search', '/v1/orders', ''],
  ['inventory', search, ''],
  ['inventory', item, 'inventory'],
  ['inventory', recommendations, 'inventory'],
  ['inventory', '/v1/cart', ''],
  ['items', search, ''],
  ['items', recommendations, 'items'],
  ['items', '/v1/orders', ''],
  ['serviceability', search, 'serviceability'],
  ['serviceability', item, 'serviceability'],
  ['serviceability', recommendations, 'serviceability'],
  ['recommendations', recommendations, 'recommendations'],
  ['analytics', recommendations, 'analytics'],
  ['analytics', '/v1/trending', 'analytics'],
  ['liveOrders', '/v1/orders', 'live-orders'],
  ['archivedOrders', '/v1/orders', 'order-history'],
  ['liveOrders', search, ''],
  ['carts', search, ''],
])('without %s, GET %s is answered, and says what it lacks', async (part, url, lacks) => {
  const { shop, headers } = await shopWithout(part);
  const reply = await shop.call({ url, headers });
  expect(reply.statusCode).toBe(200);
  expect(reply.headers['millrace-missing-parts'] ?? '').toBe(lacks);
});

test.each<[keyof Views, string]>([
  ['search', search],
  ['items', item],
  ['carts', '/v1/cart'],
  ['wishlists', '/v1/wishlist'],
  ['notifications', '/v1/notifications'],
  ['serviceability', `/v1/serviceability?pincode=${bengaluru}`],
  // Only both views together can say that there is no such order.
  ['liveOrders', '/v1/orders/ord_1'],
  ['archivedOrders', '/v1/orders/ord_1'],
])('without %s, GET %s says so, and when to come again', async (part, url) => {
  const { shop, headers } = await shopWithout(part);
  const reply = await shop.call({ url, headers });
  expect(reply.statusCode).toBe(503);
  expect(reply.json()).toMatchObject({ code: 'view-unavailable', status: 503 });
  expect(reply.headers['retry-after']).toBe('2');
});

test('without stock, an item is shown without availability, and hits without a guess', async () => {
  const { shop } = await shopWithout('inventory');
  const json = (await shop.call({ url: item })).json() as object;
  expect(json).toMatchObject({ id: tea });
  expect(json).not.toHaveProperty('availability');
  expect(json).not.toHaveProperty('delivery');
});

test('without items, a cart is shown as it was filled, and stock as it is', async () => {
  const shop = await testShop();
  stockItem(shop, tea, 5);
  const headers = shop.as('anna');
  const url = `/v1/cart/lines/${tea}`;
  const whole = await shop.call({ method: 'PUT', url, headers, body: { quantity: 2 } });
  shop.dependencies.views.items.getMany = closedViews().items.getMany;
  shop.dependencies.views.items.get = closedViews().items.get;
  const cart = await shop.call({ url: '/v1/cart', headers });
  expect(cart.statusCode).toBe(200);
  expect(cart.headers['millrace-missing-parts']).toBe('items');
  const { lines, total } = whole.json() as { lines: { sku: string }[]; total: unknown };
  expect(cart.json()).toMatchObject({ lines: [{ sku: lines[0]?.sku, quantity: 2 }], total });
  const stock = await shop.call({
    url: `/v1/inventory/${tea}`,
    headers: shop.as('olga', 'operator'),
  });
  expect(stock.json()).toMatchObject({ available: 5 });
});

test('without delivery promises, search finds what it finds and promises nothing', async () => {
  const { shop } = await shopWithout('serviceability');
  const { hits } = (await shop.call({ url: search })).json() as { hits: unknown[] };
  expect(hits).toMatchObject([{ sku: tea, delivery: null }]);
});

test('an order that one view has is found while the other is away', async () => {
  const { shop, headers } = await shopWithout('archivedOrders');
  const addressId = await addAddress(shop);
  await shop.call({ method: 'PUT', url: `/v1/cart/lines/${tea}`, headers, body: { quantity: 1 } });
  const body = { addressId, paymentMethod: 'prepaid' };
  const placed = await shop.call({ method: 'POST', url: '/v1/orders', headers, body });
  expect(placed.statusCode).toBe(201);
  const { id } = placed.json() as { id: string };
  expect((await shop.call({ url: `/v1/orders/${id}`, headers })).statusCode).toBe(200);
});

test.each<keyof Views>(['carts', 'items', 'liveOrders'])(
  'without %s, checkout takes nothing and says so',
  async (part) => {
    const { shop, headers } = await shopWithout(part);
    const addressId = await addAddress(shop);
    const reply = await shop.call({
      method: 'POST',
      url: '/v1/orders',
      headers: { ...headers, 'idempotency-key': 'k1' },
      body: { addressId, paymentMethod: 'prepaid' },
    });
    expect(reply.statusCode).toBe(503);
    expect(reply.json()).toMatchObject({ code: 'checkout-unavailable' });
    expect(reply.headers['retry-after']).toBe('2');
    expect(shop.bus.sent).toEqual([]);
  },
);

async function addAddress({ dependencies: { users } }: TestShop): Promise<AddressId> {
  const id = 'adr_1' as AddressId;
  await users.putAddress('user_anna' as UserId, { ...anAddress, id });
  return id;
}
