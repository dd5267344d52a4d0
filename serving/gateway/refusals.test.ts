/** How the front door says no, whatever the service behind it. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { LightMyRequestResponse } from 'fastify';
import { signWebhook } from '#views/webhook-signature';
import { accessTokenMs, guestTokenMs } from '../identity/access-tokens.ts';
import { anAddress, stockItem, type TestShop, tea, testShop } from '../testing/test-shop.ts';

let shop: TestShop;
beforeEach(async () => {
  shop = await testShop();
});
afterEach(() => shop.app.close());

function expectProblem(answer: LightMyRequestResponse, status: number, code: string): void {
  expect(answer.headers['content-type']).toContain('application/problem+json');
  const type = `urn:millrace:error:${code}`;
  expect(answer.json()).toMatchObject({ status, code, type });
  expect(answer.statusCode).toBe(status);
}

test('an unknown address is a problem', async () => {
  expectProblem(await shop.call({ url: '/v1/nothing' }), 404, 'route-unknown');
});

test('a known address with another method says which methods it takes', async () => {
  const answer = await shop.call({ method: 'POST', url: '/v1/cart', payload: {} });
  expectProblem(answer, 405, 'method-not-allowed');
  expect(answer.headers.allow).toBe('GET, HEAD');
});

const annas = () => ({ ...shop.as('anna'), 'content-type': 'application/json' });
const putLine = (payload: string | Buffer, headers: Record<string, string> = annas()) =>
  shop.call({ method: 'PUT', url: `/v1/cart/lines/${tea}`, headers, payload });

test.each([
  ['no JSON', '{"quantity":'],
  ['an empty body', ''],
  ['a prototype', '{"__proto__": {"quantity": 1}}'],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
])('%s is malformed JSON', async (_what, payload) => {
  expectProblem(await putLine(payload), 400, 'malformed-json');
});

test.each([
  ['text for a number', '{"quantity": "5"}', 'body/quantity'],
  ['too many', '{"quantity": 100}', 'body/quantity'],
  ['a fraction', '{"quantity": 1.5}', 'body/quantity'],
  ['nothing', '{}', 'body/quantity'],
  ['another field', '{"quantity": 1, "price": 1}', 'body/price'],
  ['a list', '[]', 'body'],
])('%s is refused with the path of the fault', async (_what, payload, path) => {
  const answer = await putLine(payload);
  expectProblem(answer, 400, 'invalid-request');
  expect(answer.json().errors).toMatchObject([{ path }]);
});

test('a body of another type is refused', async () => {
  const headers = { ...shop.as('anna'), 'content-type': 'text/plain' };
  expectProblem(await putLine('5', headers), 415, 'unsupported-media-type');
});

test('a huge body is refused', async () => {
  const payload = JSON.stringify({ quantity: 'x'.repeat(1_100_000) });
  expectProblem(await putLine(payload), 413, 'body-too-large');
});

test('deep JSON is refused like any other wrong shape', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expectProblem(await putLine(deep), 400, 'invalid-request');
});

test('a malformed address is refused', async () => {
  expectProblem(await shop.call({ url: '/v1/items/%ff' }), 400, 'invalid-request');
});

test('who is not signed in is told to', async () => {
  const answer = await shop.call({ url: '/v1/cart' });
  expectProblem(answer, 401, 'unauthenticated');
  expect(answer.headers['www-authenticate']).toBe('Bearer');
});

test.each([
  ['no scheme', 'abc'],
  ['another scheme', 'Basic YTpi'],
  ['no token', 'Bearer abc'],
  ['an unsigned token', `Bearer ${unsigned({ sub: 'user_anna', roles: ['admin'] })}`],
])('a token that is %s is refused, also where none is needed', async (_what, authorization) => {
  const headers = { authorization };
  expectProblem(await shop.call({ url: '/v1/cart', headers }), 401, 'invalid-token');
  expectProblem(await shop.call({ url: '/v1/search', headers }), 401, 'invalid-token');
});

function unsigned(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.UTC(2030, 0) / 1_000);
  const all = { ...claims, iss: 'millrace', aud: 'millrace-shop', exp };
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(all)}.`;
}

test.each([
  ['issuer', { iss: 'elsewhere', aud: 'millrace-shop' }],
  ['audience', { iss: 'millrace', aud: 'elsewhere' }],
])('a token of another %s is refused', async (_what, claims) => {
  const exp = Math.floor(shop.clock.ms / 1_000) + 60;
  const token = shop.app.jwt.sign({ sub: 'user_anna', roles: ['admin'], exp, ...claims });
  const headers = { authorization: `Bearer ${token}` };
  expectProblem(await shop.call({ url: '/v1/cart', headers }), 401, 'invalid-token');
});

test('an access token ends after a quarter of an hour, a guest after a month', async () => {
  const headers = shop.as('anna');
  const guest = { authorization: shop.guest('gus').authorization };
  shop.clock.ms += accessTokenMs;
  expectProblem(await shop.call({ url: '/v1/cart', headers }), 401, 'token-expired');
  expect((await shop.call({ url: '/v1/cart', headers: guest })).statusCode).toBe(200);
  shop.clock.ms += guestTokenMs - accessTokenMs;
  expectProblem(await shop.call({ url: '/v1/cart', headers: guest }), 401, 'token-expired');
});

test('a role that is missing and a guest are refused, an administrator is not', async () => {
  const stock = { url: `/v1/inventory/${tea}` };
  stockItem(shop, tea, 1);
  expectProblem(
    await shop.call({ ...stock, headers: shop.as('anna', 'supplier') }),
    403,
    'forbidden',
  );
  const { authorization } = shop.guest('gus');
  const asGuest = await shop.call({ ...stock, headers: { authorization } });
  expectProblem(asGuest, 403, 'registration-required');
  expect((await shop.call({ ...stock, headers: shop.as('ada', 'admin') })).statusCode).toBe(200);
});

test('a webhook without the right signature changes nothing', async () => {
  const body = JSON.stringify({ id: 'evt_1' });
  const url = '/v1/payments/webhooks/sandbox';
  const signed = { body, secret: 'webhook secret', nowMs: shop.clock.ms };
  const old = signWebhook({ ...signed, nowMs: shop.clock.ms - 600_000 });
  const other = signWebhook({ ...signed, secret: 'another secret' });
  for (const signature of [undefined, 'nonsense', old, other]) {
    const headers = {
      'content-type': 'application/json',
      ...(signature ? { 'millrace-signature': signature } : {}),
    };
    const answer = await shop.call({ method: 'POST', url, headers, payload: body });
    expectProblem(answer, 401, 'invalid-signature');
  }
  const elsewhere = { method: 'POST', url: '/v1/payments/webhooks/constructor' } as const;
  const answer = await shop.call({ ...elsewhere, payload: { id: 'evt_1' } });
  expectProblem(answer, 404, 'gateway-unknown');
  expect(shop.bus.sent).toEqual([]);
});

test("another's order does not exist", async () => {
  const id = await placedOrder();
  const ben = shop.as('ben');
  for (const [method, url, payload] of [
    ['GET', `/v1/orders/${id}`, undefined],
    ['POST', `/v1/orders/${id}/cancel`, {}],
    ['POST', `/v1/orders/${id}/returns`, { lines: [{ sku: tea, quantity: 1 }] }],
  ] as const) {
    const answer = await shop.call({ method, url, headers: ben, ...(payload && { payload }) });
    expectProblem(answer, 404, 'order-unknown');
  }
});

async function placedOrder(): Promise<string> {
  stockItem(shop, tea, 3);
  const headers = shop.as('anna');
  await shop.call({
    method: 'PUT',
    url: `/v1/cart/lines/${tea}`,
    headers,
    payload: { quantity: 1 },
  });
  const id = 'addr_1' as never;
  await shop.dependencies.users.putAddress('user_anna' as never, { id, ...anAddress });
  const payload = { addressId: id, paymentMethod: 'prepaid' };
  const order = await shop.call({ method: 'POST', url: '/v1/orders', headers, payload });
  return order.json().id;
}

test('checkout says clearly when the log is away, and keeps the cart', async () => {
  await placedOrder();
  const headers = shop.as('anna');
  await shop.call({
    method: 'PUT',
    url: `/v1/cart/lines/${tea}`,
    headers,
    payload: { quantity: 1 },
  });
  shop.bus.mode = 'away';
  const payload = { addressId: 'addr_1', paymentMethod: 'prepaid' };
  const answer = await shop.call({ method: 'POST', url: '/v1/orders', headers, payload });
  expectProblem(answer, 503, 'checkout-unavailable');
  expect(answer.headers['retry-after']).toBe('2');
  const cart = await shop.call({ url: '/v1/cart', headers });
  expect(cart.json().lines).toMatchObject([{ sku: tea, quantity: 1 }]);
});

test('a bug is a problem with a request id, and tells nothing of the inside', async () => {
  shop.tables.items.get = () => Promise.reject(new Error('secret of the inside'));
  const answer = await shop.call({ url: `/v1/items/${tea}` });
  expectProblem(answer, 500, 'internal-error');
  expect(answer.json().requestId).toBe(answer.headers['x-request-id']);
  expect(answer.body).not.toContain('secret');
});

test('too many sign-ins from one address are slowed down', async () => {
  await shop.app.close();
  shop = await testShop({ settings: { signInsPerMinute: 2 } });
  const payload = { email: 'nobody@example.org', password: 'wrong password' };
  const signIn = () => shop.call({ method: 'POST', url: '/v1/sessions', payload });
  expectProblem(await signIn(), 401, 'invalid-credentials');
  expectProblem(await signIn(), 401, 'invalid-credentials');
  const third = await signIn();
  expectProblem(third, 429, 'too-many-requests');
  expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
});

test.each([
  [0, '10.0.0.9'],
  [1, '10.0.0.9'],
])('behind %d proxies sign-ins are counted by who asks', async (proxies, remoteAddress) => {
  await shop.app.close();
  shop = await testShop({ settings: { signInsPerMinute: 1, proxies } });
  const payload = { email: 'nobody@example.org', password: 'wrong password' };
  const signIn = async (forwarded: string) => {
    const headers = { 'x-forwarded-for': forwarded };
    const sent = { method: 'POST', url: '/v1/sessions', payload, headers, remoteAddress } as const;
    return (await shop.call(sent)).statusCode;
  };
  expect(await signIn('203.0.113.1')).toBe(401);
  expect(await signIn('203.0.113.2')).toBe(proxies === 0 ? 429 : 401);
  // What stands before the last address is the word of whoever asks.
  expect(await signIn('203.0.113.3, 203.0.113.1')).toBe(429);
});
