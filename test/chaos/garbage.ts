/**
 * Garbage to every route: each answer is a clear problem below 500, and nothing that belongs to
 * anybody has changed.
 */
import { request } from 'node:http';
import { connect } from 'node:net';
import { seededRandom } from '../../cli/demo/random.ts';
import { openBuyers } from '../journey/hot-item.ts';
import { offerOf, type ShopClient } from '../journey/shop-client.ts';
import { readNumbers } from './arguments.ts';
import { type Attack, attacksOn, type OpenApi, type People } from './garbage-attacks.ts';
import { inChaos, signedInAdmin } from './shop-in-chaos.ts';

const { percent, seed } = readNumbers('Throws garbage at every route of /openapi.json.', {
  percent: { about: 'how many of the attacks, picked by the seed', otherwise: 100 },
  seed: { about: 'replays the choices', otherwise: 1 },
});

const tokenSecret = 'a-token-secret-that-only-this-test-knows';
const atOnce = 8;
const answerWithinMs = 20_000;
const sku = 'GARBAGE-1';

await inChaos('garbage', { MILLRACE_TOKEN_SECRET: tokenSecret }, async ({ shop }) => {
  const admin = await signedInAdmin(shop);
  await admin.offer(offerOf(sku, 'Sober green tea'));
  await admin.receive(sku, 'pune', 10, 'receipt-of-the-garbage');
  const [victim, shopper] = await openBuyers(shop.url, 2, 'person');
  if (!victim || !shopper) throw new Error('no people');
  await victim.client.setLine(sku, 1);
  const { body: order } = await victim.client.order(victim.addressId);
  await victim.client.setLine(sku, 2);
  await shopper.client.setLine(sku, 3);

  const document = await admin.ask<OpenApi>('GET', '/openapi.json');
  const people: People = {
    admin: admin.accessToken ?? '',
    shopper: shopper.client.accessToken ?? '',
    victim: victim.client.accessToken ?? '',
    tokenSecret,
    orderId: order.id,
    addressId: victim.addressId,
  };
  const random = seededRandom(seed);
  const attacks = attacksOn(document, people, random).filter(() => random.chance(percent / 100));

  const before = await fingerprint(admin, [victim.client, shopper.client]);
  const faults = await thrown(shop.url, attacks);
  faults.push(...(await nonsenseOnTheWire(shop.url)));
  const after = await fingerprint(admin, [victim.client, shopper.client]);
  for (const [what, was] of Object.entries(before)) {
    if (after[what] !== was) faults.push(`${what} changed\n  from ${was}\n  to   ${after[what]}`);
  }
  for (const fault of faults.slice(0, 100)) console.log(fault);
  const paths = Object.keys(document.paths).length;
  console.log(`${attacks.length} requests to ${paths} addresses`);
  return { passed: attacks.length, failed: faults.length };
});

async function thrown(url: string, attacks: readonly Attack[]): Promise<string[]> {
  const faults: string[] = [];
  const waiting = [...attacks];
  const throwNext = async (): Promise<void> => {
    for (let attack = waiting.shift(); attack; attack = waiting.shift()) {
      const fault = await faultOf(url, attack);
      if (fault)
        faults.push(`${attack.method} ${attack.path.slice(0, 120)} (${attack.what}) ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, throwNext));
  return faults;
}

async function faultOf(url: string, attack: Attack): Promise<string | null> {
  const answer = await send(url, attack).catch((error: Error) => error);
  if (answer instanceof Error) {
    // Whoever sends more than is taken may find the connection closed before it reads why.
    return attack.what.includes('huge') ? null : `was not answered: ${answer.message}`;
  }
  const { status, type, text } = answer;
  if (status >= 500) return `was answered ${status}: ${text.slice(0, 300)}`;
  if (status < 400)
    return attack.mustRefuse ? `was accepted: ${status} ${text.slice(0, 200)}` : null;
  if (attack.method === 'HEAD') return null;
  if (!type.startsWith('application/problem+json')) return `${status} is no problem+json: ${type}`;
  const { code, title, detail } = JSON.parse(text) as Record<string, unknown>;
  const clear = [code, title, detail].every((part) => typeof part === 'string' && part !== '');
  return clear ? null : `${status} is not clear: ${text.slice(0, 200)}`;
}

interface Told {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function send(url: string, { method, path, headers, body }: Attack): Promise<Told> {
  const { hostname, port } = new URL(url);
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const asked = request(
      { hostname, port, method, path, headers: { ...headers, ...length }, timeout: answerWithinMs },
      (answer) => {
        const status = answer.statusCode ?? 0;
        const type = answer.headers['content-type'] ?? '';
        const chunks: Buffer[] = [];
        const end = () => resolve({ status, type, text: Buffer.concat(chunks).toString() });
        // Streams of news do not end by themselves.
        if (status < 400 && /event-stream|ndjson/.test(type)) {
          asked.destroy();
          return end();
        }
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', end);
        answer.on('error', reject);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`silent for ${answerWithinMs} ms`)));
    asked.on('error', reject);
    asked.end(body);
  });
}

/** What is not even HTTP: refused or hung up on, and the shop goes on. */
async function nonsenseOnTheWire(url: string): Promise<string[]> {
  const faults: string[] = [];
  const nonsense = [
    'GARBAGE\r\n\r\n',
    '\0\0\0\0\0\0\0\0\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /healthz HTTP/1.1\r\n\r\n',
    'GET /v1/items/%%% HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET /\u0000 HTTP/1.1\r\nhost: x\r\n\r\n',
    'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
    'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
    'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\nabc',
    'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n',
    `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  ];
  for (const bytes of nonsense) {
    const answer = await spoken(url, bytes);
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
    if (status >= 500 || (status > 0 && status < 400))
      faults.push(`${JSON.stringify(bytes.slice(0, 60))} was answered ${answer.slice(0, 100)}`);
  }
  return faults;
}

function spoken(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
  });
}

/** What must stay as it is, in words that can be compared. */
async function fingerprint(
  admin: ShopClient,
  people: readonly ShopClient[],
): Promise<Record<string, string>> {
  const marks: Record<string, string> = {};
  const mark = async (name: string, client: ShopClient, path: string) => {
    marks[name] = JSON.stringify(await client.ask('GET', path));
  };
  const { hits, total } = await admin.search({ q: '', limit: '20', sort: 'price-ascending' });
  marks['count of items'] = String(total);
  for (const hit of hits) {
    await mark(`item ${hit.sku}`, admin, `/v1/items/${hit.itemId}`);
    await mark(`stock of ${hit.sku}`, admin, `/v1/inventory/${hit.sku}`);
  }
  await mark(`stock of ${sku}`, admin, `/v1/inventory/${sku}`);
  for (const list of ['warehouses', 'couriers', 'calendars', 'lanes', 'pincodes'])
    await mark(list, admin, `/v1/${list}?limit=100`);
  for (const [index, person] of [admin, ...people].entries()) {
    for (const path of ['me', 'me/addresses', 'cart', 'orders', 'wishlist'])
      await mark(`${path} of person ${index}`, person, `/v1/${path}`);
  }
  return marks;
}
