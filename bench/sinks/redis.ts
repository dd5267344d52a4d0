/**
 * `node --import tsx bench/sinks/redis.ts`: how fast a sink writes routes and lanes into Redis by the
 * size of its batches, beside the client alone writing the same rows; and what reads take.
 */
import { Redis } from 'ioredis';
import type { ItemTrend } from '#schemas/behaviour';
import type { Lane, LaneId, Pincode, PincodeRoutes } from '#schemas/serviceability';
import { openRedisViews, type RedisViews } from '../../connectors/redis/redis-views.ts';
import { sampleRoute, sampleRoutes } from '../../connectors/views/sample-values.ts';
import type { ViewWriter } from '../../connectors/views/view.ts';
import { batchOf } from '../../connectors/views/view-writer-contract.ts';
import { type RedisServer, startRedis } from '../../test/servers/redis/start-redis.ts';
import { machine, percentiles, processCpuMs, rounded, timed } from '../measuring.ts';

const records = 40_000;
const batchSizes = [100, 1_000, 5_000];

const lane = (index: number): [LaneId, Lane] => [
  `lane-${index}` as LaneId,
  {
    id: `lane-${index}` as LaneId,
    courierId: 'SWIFT' as Lane['courierId'],
    warehouseId: 'PUNE' as Lane['warehouseId'],
    pincodePrefix: '41',
    transitDays: index % 9,
    fee: 4_900,
    feePerKg: 1_000,
    currency: 'INR',
    active: true,
  },
];

/** 300 lists of 25 routes over all pincodes, as lanes by prefix make them. */
const routes = (index: number): [Pincode, PincodeRoutes] => {
  const pincode = `${100_000 + (index % 20_000)}` as Pincode;
  const days = index % 300;
  const list = Array.from({ length: 25 }, (_, fee) => sampleRoute({ transitDays: days, fee }));
  return [pincode, sampleRoutes(pincode, list)];
};

interface Figures {
  readonly perSecond: number;
  readonly ownCpuUs: number;
  readonly redisCpuUs: number;
}

async function measured(redis: RedisServer, work: () => Promise<void>): Promise<Figures> {
  const before = { own: process.cpuUsage(), redis: processCpuMs(redis.pid), ms: performance.now() };
  await work();
  const own = process.cpuUsage(before.own);
  return {
    perSecond: (records * 1_000) / (performance.now() - before.ms),
    ownCpuUs: (own.user + own.system) / records,
    redisCpuUs: ((processCpuMs(redis.pid) - before.redis) * 1_000) / records,
  };
}

function printFigures(what: string, { perSecond, ownCpuUs, redisCpuUs }: Figures): void {
  const figures = [perSecond, ownCpuUs, redisCpuUs].map(rounded);
  console.log(`| ${[what, ...figures].join(' | ')} |`);
}

async function write<K, V>(
  writer: ViewWriter<K, V>,
  size: number,
  of: (index: number) => [K, V],
): Promise<void> {
  for (let from = 0; from < records; from += size) {
    const changes = Array.from({ length: size }, (_, index) => of(from + index));
    await writer.apply([batchOf(from, changes)]);
  }
}

async function writeBare(client: Redis, size: number): Promise<void> {
  for (let from = 0; from < records; from += size) {
    const pipeline = client.pipeline();
    for (let index = from; index < from + size; index++) {
      const [key, value] = lane(index);
      pipeline.hset('lanes', key, JSON.stringify(value));
      pipeline.zadd('lanes:keys', 0, key);
    }
    await pipeline.exec();
  }
}

async function fill({ serviceability, analytics }: RedisViews): Promise<void> {
  const writers = [...Object.values(serviceability.writers), ...Object.values(analytics.writers)];
  for (const writer of writers) await writer.caughtUp?.([]);
  const trends = Array.from({ length: 24 * 5_000 }, (_, index): [string, ItemTrend] => {
    const trend = { itemId: `item-${index % 5_000}`, hour: Math.floor(index / 5_000) * 3_600_000 };
    const counts = { views: index % 97, carts: index % 7, orders: index % 3 };
    return [`${trend.itemId}@${trend.hour}`, { ...trend, ...counts } as ItemTrend];
  });
  for (let from = 0; from < trends.length; from += 1_000) {
    await analytics.writers.itemTrends.apply([batchOf(from, trends.slice(from, from + 1_000))]);
  }
}

const redis = await startRedis();
const client = new Redis(redis.url);
console.log('| what | records/s | CPU us a record | of Redis |\n|---|---|---|---|');
for (const size of batchSizes) {
  const views = await openRedisViews({ url: redis.url, namespace: `bench-${size}` });
  const { lanes, routes: routesWriter } = views.serviceability.writers;
  printFigures(`lanes, ${size} a batch`, await measured(redis, () => write(lanes, size, lane)));
  printFigures(
    `the same, client alone, ${size} a pipeline`,
    await measured(redis, () => writeBare(client, size)),
  );
  printFigures(
    `routes, ${size} a batch`,
    await measured(redis, () => write(routesWriter, size, routes)),
  );
  await fill(views);
  const { reader } = views.serviceability;
  const lookUps = await timed(2_000, async (index) => {
    await reader.routes(routes(index * 7)[0]);
  });
  const top = await timed(20, async () => void (await views.analytics.reader.trending(0, 20)));
  console.log(`| routes of a pincode, p50 / p99 | ${percentiles(lookUps)} | | |`);
  console.log(`| trending, 24 hours of 5,000 items, p50 / p99 | ${percentiles(top)} | | |`);
  await client.flushall();
  await views.close();
}
const views = await openRedisViews({ url: redis.url, namespace: 'entries' });
for (const writer of Object.values(views.serviceability.writers)) await writer.caughtUp?.([]);
await write(views.serviceability.writers.lanes, 1_000, lane);
printFigures(
  'entries of lanes, read',
  await measured(redis, async () => {
    let count = 0;
    for await (const _ of views.serviceability.entries.lanes()) count += 1;
    if (count !== records) throw new Error(`${count} entries`);
  }),
);
await views.close();
client.disconnect();
await redis.stop();
console.log(`\n${machine()}`);
