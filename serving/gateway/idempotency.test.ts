import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { anAddress, stockItem, type TestShop, tea, testShop } from '../testing/test-shop.ts';

let shop: TestShop;
const addressId = 'addr_1' as never;
beforeEach(async () => {
  shop = await testShop();
  stockItem(shop, tea, 9);
  await shop.dependencies.users.putAddress('user_anna' as never, { id: addressId, ...anAddress });
});
afterEach(() => shop.app.close());

const keyed = (key: string) => ({ ...shop.as('anna'), 'idempotency-key': key });
const putLine = (key: string, quantity: number) =>
  shop.call({
    method: 'PUT',
    url: `/v1/cart/lines/${tea}`,
    headers: keyed(key),
    payload: { quantity },
  });
const order = (key: string, paymentMethod = 'prepaid') =>
  shop.call({
    method: 'POST',
    url: '/v1/orders',
    headers: keyed(key),
    payload: { addressId, paymentMethod },
  });

test('the same request gets the same answer and is done once', async () => {
  const first = await putLine('k1', 2);
  const second = await putLine('k1', 2);
  expect(second.body).toBe(first.body);
  expect(second.headers['idempotency-replayed']).toBe('true');
  expect(first.headers['idempotency-replayed']).toBeUndefined();
  expect(shop.bus.sent).toHaveLength(1);
});

test('a key with another body is refused', async () => {
  await putLine('k1', 2);
  const other = await putLine('k1', 3);
  expect(other.statusCode).toBe(422);
  expect(other.json().code).toBe('idempotency-key-reused');
  expect(shop.bus.sent).toHaveLength(1);
});

test("one user's key is not another's", async () => {
  await putLine('k1', 2);
  const bens = await shop.call({
    method: 'PUT',
    url: `/v1/cart/lines/${tea}`,
    headers: { ...shop.as('ben'), 'idempotency-key': 'k1' },
    payload: { quantity: 3 },
  });
  expect(bens.json().lines).toMatchObject([{ quantity: 3 }]);
});

test('requests that come together with one key are done once and answered alike', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => putLine('k1', 2)));
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(10).fill(200));
  expect(shop.bus.sent).toHaveLength(1);
});

test('a refusal is remembered as well', async () => {
  const first = await order('k1');
  expect(first.json().code).toBe('cart-empty');
  await putLine('k2', 1);
  const again = await order('k1');
  expect(again.body).toBe(first.body);
  expect((await order('k3')).statusCode).toBe(201);
});

test('trouble is not remembered: the same key works when it is over', async () => {
  await putLine('k1', 1);
  shop.bus.mode = 'away';
  expect((await order('k2')).statusCode).toBe(503);
  shop.bus.mode = 'deciding';
  expect((await order('k2')).statusCode).toBe(201);
});

test('an order that was decided before a crash is answered, though the cart is empty', async () => {
  await putLine('k1', 1);
  shop.dependencies.idempotency.save = () => Promise.reject(new Error('killed here'));
  const first = await order('k2');
  const again = await order('k2');
  expect(again.statusCode).toBe(201);
  expect(again.json()).toEqual(first.json());
  expect(shop.tables.liveOrders.rows.size).toBe(1);

  const other = await order('k2', 'cash-on-delivery');
  expect(other.json().code).toBe('idempotency-key-reused');
});

test('a command that was decided before a crash has the same id when it is sent again', async () => {
  shop.dependencies.idempotency.save = () => Promise.reject(new Error('killed here'));
  await putLine('k1', 2);
  await putLine('k1', 2);
  const [first, second] = shop.bus.sent;
  expect(second).toEqual(first);
});

test('without a key each request is its own', async () => {
  const put = { method: 'PUT', url: `/v1/cart/lines/${tea}`, headers: shop.as('anna') } as const;
  await shop.call({ ...put, payload: { quantity: 1 } });
  await shop.call({ ...put, payload: { quantity: 1 } });
  const ids = shop.bus.sent.map(({ command }) => command.commandId);
  expect(new Set(ids).size).toBe(2);
});

test.each(['', ' ', 'x'.repeat(129)])('the key %j is refused', async (key) => {
  const answer = await putLine(key, 1);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors).toMatchObject([{ path: 'headers/idempotency-key' }]);
});

test('a user who signs up again with the same key after a crash gets the account', async () => {
  shop.dependencies.idempotency.save = () => Promise.reject(new Error('killed here'));
  const payload = { email: 'a@b.example', password: 'long enough', name: 'A' };
  const signUp = (key: string) =>
    shop.call({
      method: 'POST',
      url: '/v1/users',
      headers: { 'idempotency-key': key },
      payload,
    });
  const first = await signUp('k1');
  expect((await signUp('k1')).json()).toEqual(first.json());
  expect((await signUp('k2')).json().code).toBe('email-taken');
});
