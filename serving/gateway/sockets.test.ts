/** What only shows on real connections: slowness, breaking off, streams, closing. */
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import type { ItemId } from '#schemas/items';
import type { TapRecord, TapRequest } from '../taps/taps.ts';
import { type Replaced, stockItem, type TestShop, tea, testShop } from '../testing/test-shop.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface ListeningShop extends TestShop {
  readonly port: number;
}

async function listeningShop(replaced: Replaced = {}): Promise<ListeningShop> {
  const shop = await testShop(replaced);
  await shop.app.listen({ port: 0, host: '127.0.0.1' });
  open.push(() => shop.app.close());
  return { ...shop, port: (shop.app.server.address() as AddressInfo).port };
}

/** Begins a request; the body is up to the test. */
function begin(shop: ListeningShop, options: RequestOptions) {
  const outgoing = request({ host: '127.0.0.1', port: shop.port, ...options });
  open.push(() => outgoing.destroy());
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject);
  });
  answer.catch(() => {}); // Some tests break off on purpose.
  if (options.method !== 'POST') outgoing.end();
  return { outgoing, answer };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return text;
}

/** As soon as `holds`, looked at between the turns of the event loop; fails after a while. */
async function until(holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`never came true: ${String(holds)}`);
    await new Promise(setImmediate);
  }
}

function socketTo(shop: ListeningShop): Socket & { received: string } {
  const socket = Object.assign(connect(shop.port, '127.0.0.1'), { received: '' });
  open.push(() => socket.destroy());
  socket.on('data', (chunk) => {
    socket.received += String(chunk);
  });
  return socket;
}

/** A topic that has one record and goes on for ever. */
const endlessTaps = {
  topics: async () => [
    { name: 'items.state', partitions: 1, cleanupPolicy: 'compact', records: 1 },
  ],
  async *read({ signal }: TapRequest): AsyncGenerator<TapRecord, void, undefined> {
    const place = { topic: 'items.state', partition: 0, offset: '0', timestampMs: 0 };
    yield { ...place, key: 'A', value: { title: 'Tea' }, headers: {} };
    if (signal.aborted) return;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  },
};

test('a body that does not arrive in time is answered with 408, and the connection ends', async () => {
  const shop = await listeningShop({ settings: { bodyTimeoutMs: 30 } });
  const socket = socketTo(shop);
  const head = ['POST /v1/sessions HTTP/1.1', 'host: x', 'content-type: application/json'];
  socket.write(`${[...head, 'content-length: 20'].join('\r\n')}\r\n\r\n{"guest":`);
  await new Promise((resolve) => socket.once('close', resolve));
  expect(socket.received).toMatch(/^HTTP\/1\.1 408 /);
  expect(socket.received).toContain('"code":"request-timeout"');
});

test('a feed whose sender goes away is broken off in its report, with what was read', async () => {
  const shop = await listeningShop();
  const headers = { ...shop.as('sara', 'supplier'), 'content-type': 'application/x-ndjson' };
  const { outgoing } = begin(shop, { method: 'POST', path: '/v1/inbound/feeds', headers });
  const price = { amount: 100, currency: 'INR' };
  const line = (sku: string) => JSON.stringify({ sku, title: 'Tea', price, weightGrams: 1 });
  outgoing.write(`${line('A')}\n${line('B')}\n${line('C').slice(0, 10)}`);
  await until(() => shop.bus.sent.length === 2);
  outgoing.destroy();
  await until(() => shop.published.length === 2);
  const ended = shop.published[1]?.value as { records: number; error: string };
  expect(ended).toMatchObject({ type: 'FeedEnded', records: 2 });
  expect(ended.error).toContain('the feed broke off');
});

test.each([
  ['/v1/analytics/stream', ': welcome'],
  ['/v1/taps/items.state?from=earliest&format=sse', 'event: record'],
  ['/v1/taps/items.state?from=earliest', '"key":"A"'],
])('%s ends as it should when the server closes, at once', async (path, first) => {
  const shop = await listeningShop({ taps: endlessTaps });
  const answer = await begin(shop, { path, headers: shop.as('ana', 'analyst') }).answer;
  const [chunk] = (await new Promise((resolve) => {
    answer.once('data', (data) => resolve([data]));
  })) as [Buffer];
  expect(String(chunk)).toContain(first);

  const ended = new Promise((resolve, reject) => {
    answer.once('end', resolve).once('error', reject);
  });
  const startMs = performance.now();
  await shop.app.close();
  await ended;
  expect(answer.complete).toBe(true);
  expect(performance.now() - startMs).toBeLessThan(1_000);
});

test('a tap that has nothing to tell says that it is still there', async () => {
  const shop = await listeningShop({ taps: endlessTaps, settings: { heartbeatMs: 10 } });
  const path = '/v1/taps/items.state?format=sse';
  const answer = await begin(shop, { path, headers: shop.as('ana', 'analyst') }).answer;
  let text = '';
  answer.on('data', (chunk) => {
    text += String(chunk);
  });
  await until(() => text.split(': still here\n\n').length > 3);
  expect(text.match(/event: record/g)).toHaveLength(1);
});

test('a tap whose reader has gone reads no further', async () => {
  let isReading = false;
  const taps = {
    ...endlessTaps,
    async *read(asked: TapRequest) {
      isReading = true;
      yield* endlessTaps.read(asked);
      isReading = false;
    },
  };
  const shop = await listeningShop({ taps });
  const path = '/v1/taps/items.state?format=sse';
  const { outgoing, answer } = begin(shop, { path, headers: shop.as('ana', 'analyst') });
  await answer;
  expect(isReading).toBe(true);
  outgoing.destroy();
  await until(() => !isReading);
});

test('thousands of requests in one go are answered, each and in order', async () => {
  const shop = await listeningShop();
  stockItem(shop, tea, 5);
  const count = 3_000;
  const socket = socketTo(shop);
  const paths = Array.from({ length: count }, (_, at) =>
    at % 2 ? `/v1/items/${tea}` : `/v1/x${at}`,
  );
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`).join(''));
  const statuses = () => socket.received.match(/HTTP\/1\.1 \d{3}/g) ?? [];
  // Counted rarely: the text is long.
  await until(() => socket.received.length > count * 500 && statuses().length === count);
  expect(statuses()).toEqual(paths.map((_, at) => `HTTP/1.1 ${at % 2 ? 200 : 404}`));
});

test('HEAD is GET without the body; OPTIONS says which methods there are', async () => {
  const shop = await listeningShop();
  stockItem(shop, tea, 5);
  const path = `/v1/items/${tea}`;
  const [head, get, options] = await Promise.all(
    ['HEAD', 'GET', 'OPTIONS'].map(async (method) => {
      const answer = await begin(shop, { method, path }).answer;
      const { statusCode, headers } = answer;
      return { statusCode, headers, body: await textOf(answer) };
    }),
  );
  expect([head?.statusCode, head?.body]).toEqual([200, '']);
  expect(head?.headers['content-length']).toBe(get?.headers['content-length']);
  expect(options?.statusCode).toBe(204);
  expect(options?.headers.allow).toBe('DELETE, GET, HEAD, PATCH, PUT');
});

test('an answer is complete when the server closes in the middle of it', async () => {
  const shop = await listeningShop();
  stockItem(shop, tea, 5);
  let asked = false;
  let release = (): void => {};
  const { items } = shop.tables;
  const get = items.get.bind(items);
  items.get = async (id: ItemId) => {
    asked = true;
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return get(id);
  };
  const { answer } = begin(shop, { path: `/v1/items/${tea}` });
  await until(() => asked);
  const closed = shop.app.close();
  release();
  const reply = await answer;
  expect(reply.statusCode).toBe(200);
  expect(JSON.parse(await textOf(reply))).toMatchObject({ id: tea });
  await closed;
});

test('connections that are kept open do not keep the server from closing', async () => {
  const shop = await listeningShop();
  const agent = new Agent({ keepAlive: true });
  open.push(() => agent.destroy());
  const { outgoing, answer } = begin(shop, { path: '/healthz', agent });
  await textOf(await answer);
  const { socket } = outgoing;
  const gone = new Promise((resolve) => socket?.once('close', resolve));
  await shop.app.close();
  await gone;
  expect(socket?.destroyed).toBe(true);
});
