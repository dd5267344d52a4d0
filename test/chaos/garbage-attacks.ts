/** Every route that /openapi.json names, with everything wrong that can be wrong about a request. */
import type { Random } from '../../cli/demo/random.ts';
import { badAuthorizations, webhookSignature } from './garbage-tokens.ts';
import {
  misshapen,
  plausible,
  type Schema,
  type Spoilt,
  strangeNames,
  strangeQueryValues,
  unreadable,
} from './garbage-values.ts';
import { sandboxSecret } from './shop-in-chaos.ts';

export interface Attack {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** Nothing else than a refusal is right. */
  readonly mustRefuse: boolean;
}

export interface People {
  readonly admin: string;
  readonly shopper: string;
  readonly victim: string;
  readonly tokenSecret: string;
  /** What belongs to the victim. */
  readonly orderId: string;
  readonly addressId: string;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly description?: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
  };
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly body: Schema | undefined;
}

/** With a good token these do what they say, garbage beside it or not. */
const endsTheCaller = new Set(['DELETE /v1/me', 'DELETE /v1/sessions']);
const otherMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];

export function attacksOn(document: OpenApi, people: People, random: Random): Attack[] {
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Route => {
      const contents = Object.values(operation.requestBody?.content ?? {});
      return { method: method.toUpperCase(), path, operation, body: contents[0]?.schema };
    }),
  );
  return [
    ...routes.flatMap((route) => [
      ...byToken(route, people),
      ...byRole(route, people),
      ...(endsTheCaller.has(`${route.method} ${route.path}`)
        ? []
        : [...byBody(route, people), ...byPath(route, people, random), ...byQuery(route, people)]),
    ]),
    ...byMethod(routes, people),
    ...onTheVictim(people),
    ...byWebhook(routes),
    ...byFeed(people),
    ...byHeaders(people),
  ];
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const json = { 'content-type': 'application/json' };

function address(path: string, name = 'unknown-1'): string {
  return path.replace(/\{[^}]+\}/g, name);
}

function isGuarded({ operation }: Route): boolean {
  return (operation.security ?? []).length > 0;
}

function byToken(route: Route, people: People): Attack[] {
  if (!isGuarded(route)) return [];
  const { method } = route;
  const body = route.body && JSON.stringify(plausible(route.body));
  const bad: [string, Record<string, string>][] = [
    ['no token', {}],
    ...badAuthorizations(people.admin, people.tokenSecret).map(
      ([wrong, authorization]): [string, Record<string, string>] => [wrong, { authorization }],
    ),
  ];
  return bad.map(([wrong, headers]) => ({
    what: `token: ${wrong}`,
    method,
    path: address(route.path),
    headers: body === undefined ? headers : { ...json, ...headers },
    body,
    mustRefuse: true,
  }));
}

/** What only staff may do, asked by a shopper. */
function byRole(route: Route, { shopper }: People): Attack[] {
  if (!/\badmin\.\s*$/.test(route.operation.description ?? '')) return [];
  const body = route.body && JSON.stringify(plausible(route.body));
  const headers = { ...bearer(shopper), ...(body === undefined ? {} : json) };
  const { method } = route;
  const what = 'role: a shopper';
  return [{ what, method, path: address(route.path), headers, body, mustRefuse: true }];
}

function byBody(route: Route, { admin }: People): Attack[] {
  const { method, body: schema } = route;
  if (method === 'GET') return [];
  const asAttack = (mustRefuse: boolean) => (spoilt: Spoilt) => ({
    what: `body: ${spoilt.wrong}`,
    method,
    path: address(route.path),
    headers: { ...bearer(admin), 'content-type': spoilt.contentType ?? json['content-type'] },
    body: spoilt.body,
    mustRefuse,
  });
  // A route without a body of its own may ignore what comes.
  if (!schema) return unreadable().map(asAttack(false));
  return [...unreadable().map(asAttack(true)), ...misshapen(schema).map(asAttack(true))];
}

function byPath(route: Route, { admin }: People, random: Random): Attack[] {
  if (!route.path.includes('{')) return [];
  const reads = route.method === 'GET' || route.method === 'DELETE';
  return strangeNames(random).map((name) => ({
    what: `path: ${name.slice(0, 40)}`,
    method: route.method,
    path: address(route.path, name),
    headers: { ...bearer(admin), ...(reads ? {} : json) },
    body: reads ? undefined : '{"garbage"',
    mustRefuse: !reads,
  }));
}

function byQuery(route: Route, { admin }: People): Attack[] {
  const names = (route.operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query')
    .map(({ name }) => name);
  if (route.method !== 'GET') return [];
  const attack = (what: string, query: string) => ({
    what: `query: ${what}`,
    method: route.method,
    path: `${address(route.path)}?${query}`,
    headers: bearer(admin),
    mustRefuse: false,
  });
  return names.flatMap((name) => [
    ...strangeQueryValues().map((value) =>
      attack(`${name}=${value.slice(0, 40)}`, `${name}=${value.replace('%NAME%', name)}`),
    ),
    attack(`${name} twice`, `${name}=1&${name}=2`),
    attack(`${name}[]`, `${name}[]=1`),
    attack(`${name}[$gt]`, `${name}[$gt]=`),
    attack(`${name}.__proto__`, `__proto__[${name}]=1&constructor=1`),
  ]);
}

function byMethod(routes: readonly Route[], { admin }: People): Attack[] {
  const paths = [...new Set(routes.map(({ path }) => path))];
  return paths.flatMap((path) => {
    const taken = routes.filter((route) => route.path === path).map(({ method }) => method);
    // Whoever answers GET also answers HEAD; OPTIONS may be answered for all.
    const free = otherMethods.filter((method) => !taken.includes(method));
    return free.map((method) => ({
      what: `method: ${method}`,
      method,
      path: address(path),
      headers: bearer(admin),
      mustRefuse: method !== 'OPTIONS',
    }));
  });
}

function onTheVictim({ shopper, victim, orderId, addressId }: People): Attack[] {
  const attack = (method: string, path: string, body?: unknown) => ({
    what: 'somebody else’s',
    method,
    path,
    headers: { ...bearer(shopper), ...(body === undefined ? {} : json) },
    body: body === undefined ? undefined : JSON.stringify(body),
    mustRefuse: true,
  });
  return [
    attack('GET', `/v1/orders/${orderId}`),
    attack('POST', `/v1/orders/${orderId}/cancel`, { reason: 'not mine' }),
    attack('POST', `/v1/orders/${orderId}/returns`, {
      lines: [{ sku: 'TEA-GRN-00001', quantity: 1 }],
      reason: 'not mine',
    }),
    attack('DELETE', `/v1/me/addresses/${addressId}`),
    attack('POST', '/v1/orders', { addressId, paymentMethod: 'prepaid' }),
    attack('POST', '/v1/cart/merge', { guestToken: victim }),
    attack('POST', '/v1/cart/merge', { guestToken: shopper }),
    attack('POST', `/v1/shipments/${orderId}-1/events`, { event: 'delivered' }),
  ];
}

function byWebhook(routes: readonly Route[]): Attack[] {
  const schema = routes.find(({ path }) => path.includes('/webhooks/'))?.body ?? {};
  const shapes = misshapen(schema).map(({ body }) => String(body));
  const event = '{"garbage": true}';
  const attack = (wrong: string, body: string, signature: string, gateway = 'sandbox') => ({
    what: `webhook: ${wrong}`,
    method: 'POST',
    path: `/v1/payments/webhooks/${gateway}`,
    headers: { ...json, 'millrace-signature': signature },
    body,
    mustRefuse: true,
  });
  const right = (body: string) => webhookSignature(body, sandboxSecret);
  const hourMs = 3_600_000;
  return [
    attack('no signature', event, ''),
    attack('nonsense signature', event, 't=,v1='),
    attack('half a signature', event, 't=1,v1=zz'),
    attack('another secret', event, webhookSignature(event, 'another-secret')),
    attack('an old one', event, webhookSignature(event, sandboxSecret, Date.now() - hourMs)),
    attack('a future one', event, webhookSignature(event, sandboxSecret, Date.now() + hourMs)),
    attack('of another body', '{}', right(event)),
    attack('unknown gateway', event, right(event), 'nobody'),
    attack('__proto__ gateway', event, right(event), '__proto__'),
    ...['{}', 'null', '[]', '"x"', '{"a":', event, '', ...shapes].map((body) =>
      attack(`signed garbage ${body.slice(0, 80)}`, body, right(body)),
    ),
  ];
}

/** Feeds of nothing that is an offer: taken or refused, each line of them rejected. */
function byFeed({ admin, shopper }: People): Attack[] {
  const attack = (wrong: string, type: string, body: string | Buffer) => ({
    what: `feed: ${wrong}`,
    method: 'POST',
    path: '/v1/inbound/feeds',
    headers: { ...bearer(admin), 'content-type': type },
    body,
    mustRefuse: false,
  });
  const [ndjson, csv] = ['application/x-ndjson', 'text/csv'];
  const offer = { sku: 'FEED-GARBAGE', title: 'x', price: { amount: -1, currency: 'inr' } };
  return [
    attack('empty', ndjson, ''),
    attack('not JSON', ndjson, 'garbage\n{"sku": \n\0\n'),
    attack('wrong JSON', ndjson, 'null\n[]\n1e308\n"x"\n{}\n'),
    attack('half an offer', ndjson, `${JSON.stringify(offer)}\n`),
    attack('prototypes', ndjson, '{"__proto__": {"sku": "x"}}\n{"constructor": 1}\n'),
    attack('invalid UTF-8', ndjson, Buffer.from([0xff, 0xfe, 0x0a, 0xc3, 0x28, 0x0a])),
    attack('an endless line', ndjson, 'x'.repeat(5_000_000)),
    attack('many empty lines', ndjson, '\n'.repeat(100_000)),
    attack('no columns', csv, '\n\n\n'),
    attack('unknown columns', csv, 'a,b,c\n1,2,3\n'),
    attack('open quotes', csv, 'sku,title\n"never closed,1\n2,3\n'),
    attack('too many columns', csv, `${'sku,'.repeat(10_000)}\n1\n`),
    attack('numbers that are none', csv, 'sku,title,priceAmount,currency\nX,x,NaN,INR\n'),
    { ...attack('a shopper', ndjson, '{}\n'), headers: bearer(shopper), mustRefuse: true },
  ];
}

function byHeaders({ shopper }: People): Attack[] {
  const attack = (what: string, headers: Record<string, string>, mustRefuse: boolean) => ({
    what: `header: ${what}`,
    method: 'GET',
    path: '/v1/cart',
    headers: { ...bearer(shopper), ...headers },
    mustRefuse,
  });
  const write = (what: string, headers: Record<string, string>) => ({
    ...attack(what, { ...headers, ...json }, true),
    method: 'PUT',
    path: '/v1/cart/lines/unknown-1',
    body: '{"quantity": 1}',
  });
  return [
    attack('very long', { 'x-garbage': 'x'.repeat(60_000) }, true),
    attack('many', Object.fromEntries(manyHeaders()), false),
    attack('long cookie', { cookie: 'a=b;'.repeat(3_000) }, false),
    attack('strange accept', { accept: 'image/*;q=nonsense', 'accept-encoding': 'zzz' }, false),
    write('long Idempotency-Key', { 'idempotency-key': 'k'.repeat(200) }),
    write('Idempotency-Key with spaces', { 'idempotency-key': 'a b' }),
    write('empty Idempotency-Key', { 'idempotency-key': '' }),
    write('nonsense If-Match', { 'if-match': '*"";W/' }),
    write('compressed that is not', { 'content-encoding': 'gzip' }),
  ];
}

function manyHeaders(): [string, string][] {
  return Array.from({ length: 100 }, (_, index) => [`x-garbage-${index}`, String(index)]);
}
