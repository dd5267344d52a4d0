/** What the proxy does with whom: on servers that answer what the test wants. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { statusOf } from '../../../serving/problem.ts';
import { freePorts } from '../free-ports.ts';
import { type ProxyServer, startProxy } from './start-proxy.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Stands for a process of the shop. */
class Stub {
  isReady = true;
  answer: Answer = (_request, response) => void response.end(this.name);
  readonly name: string;
  readonly seen: { readonly method: string; readonly from: unknown }[] = [];
  #server: Server = createServer();

  constructor(name: string) {
    this.name = name;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(port = 0): Promise<this> {
    const server = createServer((request, response) => {
      if (request.url === '/readyz') {
        response.statusCode = this.isReady ? 200 : 503;
        return void response.end();
      }
      this.seen.push({
        method: request.method ?? '',
        from: request.headers['x-forwarded-for'],
      });
      return this.answer(request, response);
    });
    this.#server = server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let one: Stub;
let other: Stub;
let inbound: Stub;
let sandbox: Stub;
let proxy: ProxyServer;
beforeEach(async () => {
  one = await new Stub('one').listen();
  other = await new Stub('other').listen();
  inbound = await new Stub('inbound').listen();
  sandbox = await new Stub('sandbox').listen();
  proxy = await startProxy({
    serving: [one.port, other.port],
    inbound: [inbound.port],
    sandbox: [sandbox.port],
  });
});
afterEach(async () => {
  await proxy.stop();
  await Promise.all([one, other, inbound, sandbox].map((stub) => stub.close()));
});

const lookMs = 20;
/** Twice what it takes when nobody else is busy. */
const outWithinMs = 1_500;

async function text(path: string, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(`${proxy.url}${path}`, init);
  return answer.ok ? answer.text() : `${answer.status}`;
}

/** How long it takes until `path` is answered `wanted` ten times in a row. */
async function settled(path: string, wanted: string): Promise<number> {
  const startedMs = performance.now();
  for (let inARow = 0; inARow < 10; ) {
    inARow = (await text(path)) === wanted ? inARow + 1 : 0;
    if (performance.now() - startedMs > 10_000) throw new Error(`${path} is not from ${wanted}`);
    await delay(lookMs);
  }
  return performance.now() - startedMs - 10 * lookMs;
}

test('each part of the shop is where its role is', async () => {
  expect(await text('/sandbox/payments/pay_1')).toBe('sandbox');
  expect(await text('/v1/inbound/feeds/feed_1')).toBe('inbound');
  expect(['one', 'other']).toContain(await text('/v1/search?q=tea'));
  expect(await text('/metrics')).toBe('404');
});

test('who is not ready gets nothing more, and who is ready again does', async () => {
  one.isReady = false;
  expect(await settled('/v1/cart', 'other')).toBeLessThan(outWithinMs);
  [one.isReady, other.isReady] = [true, false];
  expect(await settled('/v1/cart', 'one')).toBeLessThan(2 * outWithinMs);
});

test('while no inbound is ready feeds go to the shop', async () => {
  inbound.isReady = false;
  one.isReady = false;
  await settled('/v1/inbound/feeds/feed_1', 'other');
});

test('nobody who asks notices that a process is gone', async () => {
  await one.close();
  const answers = [];
  for (let i = 0; i < 20; i++) answers.push(await text('/v1/orders', { method: 'POST' }));
  expect(new Set(answers)).toEqual(new Set(['other']));
});

/** Hangs up on the first request that it hears. */
function hangUpOnce(stub: Stub): void {
  const answer = stub.answer;
  stub.answer = (request) => {
    stub.answer = answer;
    request.socket.destroy();
  };
}

test.each([
  ['GET', {}, 200, 3],
  ['PUT', { 'idempotency-key': 'k1' }, 200, 3],
  ['POST', {}, 502, 1],
  ['DELETE', {}, 502, 1],
])(
  'a %s with %j that nobody answers at first ends with %d after %d tries',
  async (method, headers, status, tries) => {
    for (const stub of [one, other]) hangUpOnce(stub);
    const answer = await fetch(`${proxy.url}/v1/cart`, { method, headers });
    expect(answer.status).toBe(status);
    expect(one.seen.length + other.seen.length).toBe(tries);
  },
);

test('the sandbox is waited for while it is restarted', async () => {
  const { port } = sandbox;
  await sandbox.close();
  const asked = text('/sandbox/payments/pay_1', { method: 'POST' });
  await delay(2_500);
  await sandbox.listen(port);
  expect(await asked).toBe('sandbox');
});

test('what it says itself is a problem with a code of the shop', async () => {
  one.isReady = false;
  other.isReady = false;
  await settled('/v1/cart', '503');
  const answer = await fetch(`${proxy.url}/v1/cart`);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('retry-after')).toBe('2');
  const code = 'no-server-ready';
  expect(await answer.json()).toMatchObject({ code, status: statusOf(code) });
  expect((await fetch(`${proxy.ownUrl}/healthz`)).status).toBe(503);
});

test('it says who has asked, and believes nobody else who says so', async () => {
  await text('/v1/cart', { headers: { 'x-forwarded-for': '10.1.2.3' } });
  expect([...one.seen, ...other.seen]).toEqual([{ method: 'GET', from: '127.0.0.1' }]);
});

test('a server that does not exist in the configuration is not forgotten', async () => {
  const serving = await freePorts(17);
  await expect(startProxy({ serving, inbound: [], sandbox: [] })).rejects.toThrow(
    'serving has 16 places at most',
  );
});
