import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import type { PaymentId } from '#schemas/orders';
import type { Payment } from '#schemas/payments';
import { type RedisServer, startRedis } from '../../test/servers/redis/start-redis.ts';
import { samplePayment } from '../views/sample-values.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { openPaymentDeadlines, type PaymentDeadlines } from './payment-deadlines.ts';

let redis: RedisServer;
let admin: Redis;
beforeAll(async () => {
  redis = await startRedis();
  admin = new Redis(redis.url);
});
afterAll(async () => {
  admin.disconnect();
  await redis.stop();
});

const opened: PaymentDeadlines[] = [];
afterEach(async () => {
  for (const deadlines of opened.splice(0)) await deadlines.close();
});

async function open(
  namespace: string,
  options: { readonly lookEveryMs?: number; readonly leaseMs?: number } = {},
): Promise<PaymentDeadlines> {
  const all = { url: redis.url, namespace, lookEveryMs: 50, leaseMs: 60_000, ...options };
  const deadlines = await openPaymentDeadlines(all);
  opened.push(deadlines);
  return deadlines;
}

const ids = (count: number) =>
  Array.from({ length: count }, (_, index) => `pay-${index}` as PaymentId);

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('takes each payment once, by one of several processes, never before its deadline', async () => {
  const [a, b, c] = await Promise.all(['once', 'once', 'once'].map((name) => open(name)));
  const deadlines = new Map(ids(300).map((id, index) => [id, Date.now() + index]));
  const taken: PaymentId[] = [];
  for (const each of [a, b, c]) {
    each?.onDue(async (id, atMs) => {
      expect(atMs).toBe(deadlines.get(id));
      expect(Date.now()).toBeGreaterThanOrEqual(atMs);
      taken.push(id);
    });
  }
  for (const [id, atMs] of deadlines) await a?.arm(id, atMs);
  await until(() => taken.length >= deadlines.size);
  expect(new Set(taken).size).toBe(deadlines.size);
  expect(taken).toHaveLength(deadlines.size);
  await until(async () => (await admin.keys('{once.payment-deadlines}:*')).length === 0);
});

test('is woken by the expiry itself, and finds what is due when nobody told of it', async () => {
  const woken = await open('woken', { lookEveryMs: 3_600_000 });
  const taken: PaymentId[] = [];
  woken.onDue(async (id) => void taken.push(id));
  await woken.arm('told' as PaymentId, Date.now() + 100);
  await until(() => taken.includes('told' as PaymentId));

  const looking = await open('untold');
  await admin.config('SET', 'notify-keyspace-events', '');
  looking.onDue(async (id) => void taken.push(id));
  await looking.arm('untold' as PaymentId, Date.now() + 100);
  await until(() => taken.includes('untold' as PaymentId));
  await admin.config('SET', 'notify-keyspace-events', 'Ex');
});

test('forgets what is disarmed, and keeps what is armed anew while it is being done', async () => {
  const deadlines = await open('anew');
  const [gone, again] = ids(2) as [PaymentId, PaymentId];
  await deadlines.arm(gone, Date.now() + 50);
  await deadlines.disarm(gone);
  const taken: [PaymentId, number][] = [];
  const first = Date.now();
  const second = first + 300;
  await deadlines.arm(again, first);
  deadlines.onDue(async (id, atMs) => {
    taken.push([id, atMs]);
    if (atMs === first) await deadlines.arm(id, second);
  });
  await until(() => taken.length >= 2);
  expect(taken).toEqual([
    [again, first],
    [again, second],
  ]);
});

test('tries again what failed, after its lease', async () => {
  const deadlines = await open('failed', { leaseMs: 100 });
  let calls = 0;
  deadlines.onDue(async () => {
    calls += 1;
    if (calls === 1) throw new Error('not now');
  });
  await deadlines.arm('pay' as PaymentId, Date.now());
  await until(() => calls === 2);
  await until(async () => (await admin.keys('{failed.payment-deadlines}:*')).length === 0);
});

test('loses nothing that a process had taken which was killed -9', async () => {
  const survivor = await open('dies', { leaseMs: 500 });
  for (const id of ids(20)) await survivor.arm(id, Date.now());
  const program = fileURLToPath(new URL('./crash-taker.ts', import.meta.url));
  const child = fork(program, [redis.url, 'dies'], { execArgv: ['--import', 'tsx'] });
  await new Promise((resolve) => child.once('message', resolve)); // It has taken some and does not end.
  child.kill('SIGKILL');
  const taken = new Set<PaymentId>();
  survivor.onDue(async (id) => void taken.add(id));
  await until(() => taken.size === 20);
});

test('follows the log: what awaits its payment is armed, again after Redis was emptied', async () => {
  const deadlines = await open('log');
  const atMs = Date.now() + 400;
  const awaiting = (id: PaymentId) => ({ ...samplePayment(id), expiresAt: atMs });
  const [a, b, paid, dropped] = ids(4) as [PaymentId, PaymentId, PaymentId, PaymentId];
  const batch = batchOf<PaymentId, Payment>(0, [
    [a, awaiting(a)],
    [b, awaiting(b)],
    [paid, awaiting(paid)],
    [dropped, awaiting(dropped)],
    [paid, { ...awaiting(paid), status: 'captured' }],
    [dropped, null],
  ]);
  await deadlines.writer.apply([batch]);
  await admin.flushall();
  const next = batchOf<PaymentId, Payment>(6, [[b, { ...awaiting(b), status: 'abandoned' }]]);
  await expect(deadlines.writer.apply([next])).rejects.toMatchObject({ code: 'SINK_GAP' });
  expect(await deadlines.writer.positions()).toEqual([]);
  await deadlines.writer.apply([batch, next]);

  const taken: PaymentId[] = [];
  deadlines.onDue(async (id) => void taken.push(id));
  await until(() => taken.length > 0);
  expect(taken).toEqual([a]);
});

test('comes back by itself when Redis was killed, with all that was armed', async () => {
  const server = await startRedis();
  const options = { url: server.url, namespace: 'back', lookEveryMs: 50 };
  const deadlines = await openPaymentDeadlines(options);
  opened.push(deadlines);
  const taken = new Set<PaymentId>();
  deadlines.onDue(async (id) => void taken.add(id));
  for (const id of ids(10)) await deadlines.arm(id, Date.now() + 500);
  await server.kill();
  await server.start();
  await until(() => taken.size === 10);
  await deadlines.close();
  await server.stop();
});
