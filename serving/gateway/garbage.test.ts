/** Garbage to every route: a clear problem, never a failure, nothing changed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { stockItem, type TestShop, tea, testShop } from '../testing/test-shop.ts';

type Method = NonNullable<InjectOptions['method']>;
interface Route {
  readonly method: Method;
  readonly path: string;
}

let shop: TestShop;
let routes: Route[];
beforeAll(async () => {
  shop = await testShop({ settings: { signInsPerMinute: 1_000_000 } });
  stockItem(shop, tea, 5);
  const { paths } = (await shop.call({ url: '/openapi.json' })).json();
  routes = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase() as Method, path })),
  );
});
afterAll(() => shop.app.close());

/** Streams do not end by themselves; their refusals are tested with the rest. */
const endless = ['/v1/analytics/stream', '/v1/taps/{topic}'];

const nasty = fc.constantFrom(
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '%00',
  '%ff',
  '%2e%2e%2f',
  '..%2f..%2fetc%2fpasswd',
  '%F0%9F%92%A3',
  "'; DROP TABLE users; --",
  '-1',
  '1e999',
  'NaN',
  'null',
  'x'.repeat(600),
  '\u202e',
  '{{7*7}}',
);
const word = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 40 }));
/** As a part of an address: some are escaped, some are as they came. */
const part = fc.oneof(
  nasty,
  word.map((text) => encodeURIComponent(wellFormed(text))),
);
/** Half of a surrogate pair cannot be in an address. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Cs}/gu, '?');
}

const queryNames = fc.constantFrom(
  'q',
  'pincode',
  'limit',
  'cursor',
  'ids',
  'minPrice',
  'deliverable',
  'sort',
  'from',
  'to',
  'measure',
  'quantity',
  'sku',
  'all',
);
const fieldNames = fc.oneof(
  fc.constantFrom('email', 'password', 'name', 'quantity', 'lines', 'sku', 'price', 'reason'),
  fc.constantFrom('addressId', 'paymentMethod', 'outcome', 'event', 'ids', 'roles', 'guestToken'),
  fc.constantFrom('__proto__', 'constructor', 'toString'),
);
const body = fc.oneof(
  fc.dictionary(fieldNames, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 }).map(JSON.stringify),
  fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value) ?? ''),
  fc.string({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  fc.constant('deep'),
);
/** Stands behind a name, so that a counterexample can be read. */
const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
const contentType = fc.constantFrom(
  'application/json',
  'application/json; charset=utf-16',
  'text/csv',
  'application/x-ndjson',
  'text/plain',
  'multipart/form-data',
  'nonsense',
  '',
);
const request = fc.record({
  route: fc.nat(),
  ids: fc.array(part, { minLength: 3, maxLength: 3 }),
  query: fc.array(fc.tuple(queryNames, part), { maxLength: 4 }),
  body,
  contentType,
  key: fc.option(word, { nil: undefined }),
  who: fc.constantFrom('nobody', 'anna', 'admin', 'guest', 'nonsense'),
});
type Garbage = typeof request extends fc.Arbitrary<infer T> ? T : never;

function optionsOf(garbage: Garbage, { method, path }: Route): InjectOptions {
  let next = 0;
  const url = path.replaceAll(/\{[^}]+\}/g, () => {
    next += 1;
    return garbage.ids[next - 1] || 'x';
  });
  const query = garbage.query.map(([name, value]) => `${name}=${value}`).join('&');
  const hasBody = method !== 'GET';
  return {
    method,
    url: query ? `${url}?${query}` : url,
    headers: {
      ...credentials(garbage.who),
      ...(hasBody && garbage.contentType ? { 'content-type': garbage.contentType } : {}),
      ...(isHeader(garbage.key) ? { 'idempotency-key': garbage.key } : {}),
    },
    ...(hasBody ? { payload: garbage.body === 'deep' ? deep : garbage.body } : {}),
  };
}

/** What is no header at all never leaves a client. */
function isHeader(value: string | undefined): value is string {
  return value !== undefined && /^[\t\x20-\x7e\x80-\xff]+$/.test(value);
}

function credentials(who: Garbage['who']): Record<string, string> {
  switch (who) {
    case 'nobody':
      return {};
    case 'nonsense':
      return { authorization: 'Bearer a.b.c' };
    case 'guest':
      return { authorization: shop.guest('gus').authorization };
    case 'admin':
      return shop.as('ada', 'admin');
    case 'anna':
      return shop.as('anna');
  }
}

test('whatever is sent, the answer is an answer or a problem, and a problem changed nothing', async () => {
  await fc.assert(
    fc.asyncProperty(request, async (garbage) => {
      const open = routes.filter(({ path }) => !endless.includes(path));
      const route = open[garbage.route % open.length] as Route;
      const commands = shop.bus.sent.length;
      const facts = shop.published.length;

      const answer = await shop.call(optionsOf(garbage, route));

      const told = `${route.method} ${route.path}: ${answer.statusCode} ${answer.body}`;
      expect(answer.statusCode < 500 ? '' : told).toBe('');
      if (answer.statusCode < 400) return;
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.json()).toMatchObject({ status: answer.statusCode, code: expect.any(String) });
      const isDecided =
        [409, 422].includes(answer.statusCode) || answer.json().code === 'item-unknown';
      // A feed that broke off says that it began; what a decider refused was asked.
      if (route.path === '/v1/inbound/feeds' || isDecided) return;
      expect(shop.bus.sent).toHaveLength(commands);
      expect(shop.published).toHaveLength(facts);
    }),
    { numRuns: 1_500 },
  );
}, 60_000);

test.each(endless)('%s refuses garbage before it begins to stream', async (path) => {
  const url = path.replace('{topic}', 'no%00topic');
  for (const query of ['from=yesterday', 'limit=-1', 'format=xml', 'access_token=a.b.c', '']) {
    const answer = await shop.call({ url: `${url}?${query}` });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  }
});
