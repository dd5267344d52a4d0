import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance } from 'fastify';
import { type RedisServer, startRedis } from '../../test/servers/redis/start-redis.ts';
import { openTcpProxy, type TcpProxy } from '../../test/servers/tcp-proxy.ts';
import { openRedisRateLimits, type RedisRateLimits } from './rate-limits.ts';

let redis: RedisServer;
let proxy: TcpProxy;
beforeAll(async () => {
  redis = await startRedis();
  proxy = await openTcpProxy(redis.port);
});
afterAll(async () => {
  await proxy.close();
  await redis.stop();
});

const apps: FastifyInstance[] = [];
const limits: RedisRateLimits[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  for (const each of limits.splice(0)) await each.close();
});

/** One process of several behind one address. */
async function open(namespace: string, port = redis.port): Promise<FastifyInstance> {
  const url = `redis://127.0.0.1:${port}`;
  const shared = await openRedisRateLimits({ url, namespace });
  limits.push(shared);
  const app = fastify();
  apps.push(app);
  await app.register(rateLimit, { global: false, store: shared.store });
  const config = { rateLimit: { max: 20, timeWindow: 3_600_000 } };
  app.get('/a', { config }, async () => 'a');
  app.get('/b', { config }, async () => 'b');
  await app.ready();
  return app;
}

async function statuses(asked: readonly Promise<{ statusCode: number }>[]): Promise<number[]> {
  return (await Promise.all(asked)).map(({ statusCode }) => statusCode).sort();
}

test('lets in as many as the limit says, of requests to all processes at once', async () => {
  const processes = await Promise.all([open('exact'), open('exact'), open('exact')]);
  const asked = Array.from({ length: 90 }, (_, index) =>
    (processes[index % 3] as FastifyInstance).inject('/a'),
  );
  const found = await statuses(asked);
  expect(found.filter((status) => status === 200)).toHaveLength(20);
  expect(found.filter((status) => status === 429)).toHaveLength(70);
  const other = await (processes[0] as FastifyInstance).inject('/b');
  expect(other.statusCode).toBe(200);
  expect(other.headers['x-ratelimit-remaining']).toBe('19');
});

test('counts by itself while Redis hangs, and together when it is there again', async () => {
  const [a, b] = [await open('away', proxy.port), await open('away', proxy.port)];
  proxy.hang();
  const alone = await statuses(Array.from({ length: 30 }, () => a.inject('/a')));
  expect(alone.filter((status) => status === 200)).toHaveLength(20);
  expect((await b.inject('/a')).statusCode).toBe(200);
  proxy.goOn();
  // What was asked while it hung is counted there too.
  for (let status = 200; status === 200; ) ({ statusCode: status } = await b.inject('/a'));
  expect((await a.inject('/a')).statusCode).toBe(429);
});
