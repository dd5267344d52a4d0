/**
 * What do the sinks on Cassandra cost over the driver itself? Archived orders and recommendations by
 * batch size, each beside the bare driver that writes the same rows, prepared and 128 at a time; then
 * how fast an audit reads them.
 *
 *   node --import tsx bench/sinks/cassandra.ts
 */
import cassandra from 'cassandra-driver';
import type { Order, OrderId } from '#schemas/orders';
import type { Recommendation, RecommendationKey } from '#schemas/recommendations';
import type { UserId } from '#schemas/users';
import { sampleOrder, sampleRecommendation } from '#views/sample-values';
import type { ViewWriter } from '#views/view';
import { openCassandraViews } from '../../connectors/cassandra/cassandra-views.ts';
import { migrateCassandra } from '../../connectors/cassandra/migrate-cassandra.ts';
import { startCassandra } from '../../test/servers/cassandra/start-cassandra.ts';
import { machine, rounded } from '../measuring.ts';

const dayMs = 24 * 3_600_000;
const concurrency = 128;
const shapes = [
  { batch: 1, count: 30 },
  { batch: 100, count: 2_000 },
  { batch: 1_000, count: 4_000 },
];

interface Measured {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

async function measure(count: number, work: () => Promise<void>): Promise<Measured> {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  await work();
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: count / seconds, cpuMicros: (user + system) / count };
}

/** Of one of 5,000 users, on one of 300 days. */
function order(index: number): Order {
  return sampleOrder(`order-${index}`, {
    userId: `user-${index % 5_000}` as UserId,
    createdAt: (index % 300) * dayMs,
    lines: Array.from({ length: 3 }, (_, line) => ({
      sku: `SKU-${index}-${line}`,
      quantity: 1,
    })) as never,
  });
}

async function applyAll<K, V>(
  writer: ViewWriter<K, V>,
  from: number,
  { batch, count }: (typeof shapes)[number],
  entry: (index: number) => readonly [K, V],
): Promise<void> {
  for (let at = from; at < from + count; at += batch) {
    const changes = Array.from({ length: Math.min(batch, from + count - at) }, (_, index) => {
      const [key, value] = entry(at + index);
      return { key, value, timestampMs: at, offset: BigInt(at + index) };
    });
    const ends = { fromOffset: BigInt(at), nextOffset: BigInt(at + changes.length) };
    await writer.apply([{ topic: 'bench', partition: 0, changes, ...ends }]);
  }
}

const server = await startCassandra({ optimizes: true, heapMegabytes: 1024 });
const options = {
  contactPoints: [server.contactPoint],
  localDataCenter: server.dataCenter,
  keyspace: 'bench',
  replicas: { [server.dataCenter]: 1 },
};
await migrateCassandra(options);
const views = await openCassandraViews(options);
const client = new cassandra.Client({
  contactPoints: options.contactPoints,
  localDataCenter: options.localDataCenter,
  keyspace: 'bench',
});
await client.connect();
const byId = 'CREATE TABLE bare_by_id (id text PRIMARY KEY, value text)';
const byUser =
  'CREATE TABLE bare_by_user (user_id text, bucket int, created_at bigint, id text, value text, ' +
  'PRIMARY KEY ((user_id, bucket), created_at, id))';
await client.execute(byId);
await client.execute(byUser);

async function insertAll(
  query: string,
  from: number,
  count: number,
  row: (index: number) => unknown[],
) {
  const rows = Array.from({ length: count }, (_, index) => row(from + index));
  await cassandra.concurrent.executeConcurrent(client, query, rows, {
    prepare: true,
    concurrencyLevel: concurrency,
    raiseOnFirstError: true,
  } as cassandra.concurrent.Options);
}

async function bareOrders(from: number, count: number): Promise<void> {
  await insertAll(
    'INSERT INTO bare_by_user (user_id, bucket, created_at, id, value) VALUES (?, ?, ?, ?, ?)',
    from,
    count,
    (index) => {
      const { userId, createdAt, id, ...rest } = order(index);
      const bucket = Math.floor(createdAt / dayMs / 30);
      return [userId, bucket, createdAt, id, JSON.stringify({ userId, createdAt, id, ...rest })];
    },
  );
  await insertAll('INSERT INTO bare_by_id (id, value) VALUES (?, ?)', from, count, (index) => {
    const value = order(index);
    return [value.id, JSON.stringify(value)];
  });
}

async function bareRecommendations(from: number, count: number): Promise<void> {
  await insertAll('INSERT INTO bare_by_id (id, value) VALUES (?, ?)', from, count, (index) => [
    `item:${index}`,
    JSON.stringify(sampleRecommendation(`item:${index}`)),
  ]);
}

function printRow(name: string, batch: number, ours: Measured, bare: Measured): void {
  console.log(
    `| ${name} | ${batch} | ${rounded(ours.perSecond)} | ${rounded(ours.cpuMicros)} ` +
      `| ${rounded(bare.perSecond)} | ${rounded(bare.cpuMicros)} ` +
      `| ${rounded(bare.perSecond / ours.perSecond)} |`,
  );
}

async function measureOrders(): Promise<void> {
  const entry = (index: number) => [`order-${index}` as OrderId, order(index)] as const;
  const { writer } = views.orderHistory;
  let from = 0;
  for (const shape of [{ batch: 1_000, count: 2_000 }, ...shapes]) {
    const { count, batch } = shape;
    const at = from;
    const bare = await measure(count, () => bareOrders(at, count));
    const ours = await measure(count, () => applyAll(writer, at, shape, entry));
    // The first is for the compilers to warm up.
    if (from > 0) printRow('orders', batch, ours, bare);
    from += count;
  }
}

async function measureRecommendations(): Promise<void> {
  const entry = (index: number): readonly [RecommendationKey, Recommendation] => {
    const value = sampleRecommendation(`item:${index}`);
    return [value.key, value];
  };
  const { writer } = views.recommendations;
  let from = 0;
  for (const shape of shapes) {
    const { count, batch } = shape;
    const at = from;
    const bare = await measure(count, () => bareRecommendations(at, count));
    const ours = await measure(count, () => applyAll(writer, at, shape, entry));
    printRow('recommendations', batch, ours, bare);
    from += count;
  }
}

async function measureEntries(): Promise<void> {
  let count = 0;
  const startedMs = performance.now();
  for await (const _ of views.orderHistory.entries()) count += 1;
  const perMinute = (count / (performance.now() - startedMs)) * 60_000;
  console.log(`\naudit: ${count} orders read, ${rounded(perMinute)} a minute`);
}

console.log(
  '| sink | batch | records/s | CPU us a record | bare records/s | CPU us | bare / ours |',
);
console.log('|---|---|---|---|---|---|---|');
try {
  await measureOrders();
  await measureRecommendations();
  await measureEntries();
  console.log(`\n${machine()}`);
} finally {
  await views.close();
  await client.shutdown();
  await server.stop();
}
