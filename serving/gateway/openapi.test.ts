/** The OpenAPI document: complete, and true. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import type { LightMyRequestResponse } from 'fastify';
import { anAddress, stockItem, type TestShop, tea, testShop } from '../testing/test-shop.ts';

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Record<string, unknown>[];
  readonly responses: Readonly<Record<string, Answer>>;
}
interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

let shop: TestShop;
let paths: Paths;
beforeAll(async () => {
  shop = await testShop();
  stockItem(shop, tea, 9);
  paths = (await shop.call({ url: '/openapi.json' })).json().paths;
});
afterAll(() => shop.app.close());

function operations(): [string, Operation][] {
  return Object.entries(paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
}

test('is OpenAPI 3.1', async () => {
  expect((await shop.call({ url: '/openapi.json' })).json().openapi).toBe('3.1.0');
});

test('holds every route of the design', () => {
  const names = operations().map(([name]) => name);
  expect(names.sort()).toMatchSnapshot();
});

test('says of every route what it does, who may call it, and what it answers', () => {
  for (const [name, { summary, tags, security, responses }] of operations()) {
    expect({ name, summary }).toEqual({ name, summary: expect.any(String) });
    expect({ name, tags }).toEqual({ name, tags: [expect.any(String)] });
    expect({ name, security }).toEqual({ name, security: expect.any(Array) });
    const statuses = Object.keys(responses);
    expect({ name, good: statuses.some((s) => s.startsWith('2')) }).toEqual({ name, good: true });
    const problems = responses['4XX']?.content?.['application/problem+json'];
    expect({ name, problems }).toEqual({ name, problems: expect.anything() });
  }
});

const anna = () => shop.as('anna');
const everyone = () => shop.as('ada', 'admin');

/** A call that works for each kind of answer; what they make is used by those that come later. */
const calls: readonly [
  name: string,
  status: number,
  call: () => Promise<LightMyRequestResponse>,
][] = [
  ['POST /v1/sessions', 201, () => post('/v1/sessions', {}, { guest: true })],
  [
    'POST /v1/users',
    201,
    () => post('/v1/users', {}, { email: 'a@b.example', password: 'long enough', name: 'A' }),
  ],
  ['GET /v1/items/{id}', 200, () => get(`/v1/items/${tea}?pincode=560001`)],
  ['GET /v1/items', 200, () => get(`/v1/items?ids=${tea},NONE`)],
  ['POST /v1/items/bulk', 200, () => post('/v1/items/bulk', {}, { ids: [tea, 'NONE'] })],
  ['GET /v1/search', 200, () => get('/v1/search?q=tea&pincode=560001')],
  ['GET /v1/search/suggest', 200, () => get('/v1/search/suggest?q=Gre')],
  ['GET /v1/serviceability', 200, () => get(`/v1/serviceability?pincode=560001&sku=${tea}`)],
  ['PUT /v1/cart/lines/{sku}', 200, () => put(`/v1/cart/lines/${tea}`, anna(), { quantity: 2 })],
  ['GET /v1/cart', 200, () => get('/v1/cart', anna())],
  ['PUT /v1/wishlist/{sku}', 200, () => put(`/v1/wishlist/${tea}`, anna(), {})],
  ['POST /v1/orders', 201, () => order()],
  ['GET /v1/orders', 200, () => get('/v1/orders', anna())],
  ['GET /v1/inventory/{sku}', 200, () => get(`/v1/inventory/${tea}`, everyone())],
  ['GET /v1/notifications', 200, () => get('/v1/notifications', anna())],
  ['GET /v1/recommendations', 200, () => get('/v1/recommendations', anna())],
  ['GET /v1/trending', 200, () => get('/v1/trending')],
  ['GET /v1/analytics/funnel', 200, () => get('/v1/analytics/funnel', everyone())],
  ['GET /v1/reconciliation', 200, () => get('/v1/reconciliation', everyone())],
  ['GET /v1/taps', 200, () => get('/v1/taps', everyone())],
  ['GET /readyz', 200, () => get('/readyz')],
];

const get = (url: string, headers = {}) => shop.call({ url, headers });
const post = (url: string, headers: object, payload: object) =>
  shop.call({ method: 'POST', url, headers: { ...headers }, payload });
const put = (url: string, headers: object, payload: object) =>
  shop.call({ method: 'PUT', url, headers: { ...headers }, payload });

async function order(): Promise<LightMyRequestResponse> {
  const id = 'addr_1' as never;
  await shop.dependencies.users.putAddress('user_anna' as never, { id, ...anAddress });
  return post('/v1/orders', anna(), { addressId: id, paymentMethod: 'cash-on-delivery' });
}

test('describes real answers', async () => {
  const ajv = new Ajv({ allowUnionTypes: true, formats: { 'date-time': true } });
  for (const [name, status, call] of calls) {
    const answer = await call();
    expect({ name, status: answer.statusCode }).toEqual({ name, status });
    const [method = '', path = ''] = name.split(' ');
    const described = paths[path]?.[method.toLowerCase()]?.responses[status]?.content;
    const schema = described?.['application/json']?.schema;
    if (!schema) throw new Error(`${name} does not describe ${status}`);
    const fits = ajv.compile(schema);
    fits(answer.json());
    expect({ name, errors: fits.errors }).toEqual({ name, errors: null });
  }
});
