/** The stores of the cluster profile: each view on the server that suits it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RebuildableViews } from '#views/shop-views';
import { ViewError } from '#views/view';
import { openCassandraViews } from '../../connectors/cassandra/cassandra-views.ts';
import { migrateCassandra } from '../../connectors/cassandra/migrate-cassandra.ts';
import { breakerOf, type CircuitBreaker } from '../../connectors/circuit-breaker.ts';
import { openElasticsearchViews } from '../../connectors/elasticsearch/elasticsearch-views.ts';
import { migrateElasticsearch } from '../../connectors/elasticsearch/migrate.ts';
import { migrateMongo } from '../../connectors/mongodb/migrate-mongo.ts';
import { openMongoViews } from '../../connectors/mongodb/mongo-views.ts';
import { openMysqlIdempotency } from '../../connectors/mysql/idempotency-store.ts';
import { migrateMysql } from '../../connectors/mysql/migrate.ts';
import { openMysqlViews } from '../../connectors/mysql/mysql-views.ts';
import { openMysqlUsers } from '../../connectors/mysql/users-store.ts';
import { openPaymentDeadlines } from '../../connectors/redis/payment-deadlines.ts';
import { openRedisRateLimits } from '../../connectors/redis/rate-limits.ts';
import { migrateRedis, openRedisViews } from '../../connectors/redis/redis-views.ts';
import { openRedisUserCache } from '../../connectors/redis/user-cache.ts';
import { ConfigurationError } from '../environment-reader.ts';
import type { StoresConfiguration } from '../stores-configuration.ts';
import type { ShopStores } from './shop-stores.ts';

export interface ClusterStores extends ShopStores {
  readonly views: RebuildableViews;
}

interface Closing {
  close(): Promise<void> | void;
}

export async function openClusterStores(
  stores: StoresConfiguration,
  onTrouble?: (error: Error) => void,
): Promise<ClusterStores> {
  const { mysql, mongodb, elasticsearch, cassandra, redis, namespace } = stores;
  const inRedis = { url: redis, namespace };
  const opened = await openTogether([
    whenReachable('MySQL', () => openMysqlViews({ url: mysql })),
    whenReachable('MySQL', () => openMysqlUsers({ url: mysql })),
    whenReachable('MySQL', () => openMysqlIdempotency({ url: mysql })),
    whenReachable('MongoDB', () => openMongoViews(mongodb)),
    whenReachable('Elasticsearch', () => openElasticsearchViews({ ...elasticsearch, namespace })),
    whenReachable('Cassandra', () => openCassandraViews(cassandra)),
    whenReachable('Redis', () => openRedisViews(inRedis)),
    whenReachable('Redis', () => openRedisUserCache(inRedis)),
    whenReachable('Redis', () => openRedisRateLimits(inRedis)),
    whenReachable('Redis', () =>
      openPaymentDeadlines({ ...inRedis, ...(onTrouble && { onTrouble }) }),
    ),
  ]);
  const [rows, users, idempotency, documents, index, columns, keys, ...shared] = opened;
  const [userCache, rateLimits, deadlines] = shared;
  const close = () => closeAll(opened);
  const breakers = {
    mysql: breakerOf('MySQL'),
    mongodb: breakerOf('MongoDB'),
    elasticsearch: breakerOf('Elasticsearch'),
    cassandra: breakerOf('Cassandra'),
    redis: breakerOf('Redis'),
  };
  const cached = userCache.over(breakers.mysql.guard(users));
  const views: RebuildableViews = {
    ...guarded(rows, breakers.mysql),
    ...guarded(documents, breakers.mongodb),
    ...guarded(index, breakers.elasticsearch),
    ...guarded(columns, breakers.cassandra),
    ...guarded(keys, breakers.redis),
    close,
  };
  return {
    views,
    rebuildable: views,
    users: cached.store,
    profiles: cached.profiles,
    shared: { userCache, deadlines, rateLimits: rateLimits.store },
    idempotency: breakers.mysql.guard(idempotency),
    breakers: Object.values(breakers),
    close,
  };
}

/** All of them, or none: what was opened is closed again. */
async function openTogether<const Opening extends readonly Promise<Closing>[]>(
  opening: Opening,
): Promise<{ -readonly [Index in keyof Opening]: Awaited<Opening[Index]> }> {
  const settled = await Promise.allSettled(opening);
  if (settled.some((it) => it.status === 'rejected')) {
    await closeAll(settled.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : [])));
  }
  return Promise.all(opening);
}

async function closeAll(opened: readonly Closing[]): Promise<void> {
  await Promise.allSettled(opened.map(async (it) => it.close()));
}

/**
 * A server that starts at the same time as this process is waited for.
 *
 * @throws ConfigurationError when it stays away, or when its views are of another version.
 */
async function whenReachable<T>(server: string, open: () => Promise<T>): Promise<T> {
  const sinceMs = performance.now();
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const isAway = error instanceof ViewError && error.code === 'VIEW_UNAVAILABLE';
      if (!isAway || performance.now() - sinceMs > waitForServersMs)
        throw new ConfigurationError(
          `${server}: ${(error as Error).message}${isAway ? remedy : ''}`,
        );
      await delay(lookAgainMs);
    }
  }
}

const waitForServersMs = 30_000;
const lookAgainMs = 500;
const remedy =
  '. Start it (`docker compose up --wait`, or without Docker `npm run servers -- all`), or say by ' +
  'its variable where yours is: see README.md';

/** The readers of all views of one server. */
function guarded<T extends object>(views: T, breaker: CircuitBreaker): T {
  const entries = Object.entries(views).map(([name, view]) => [
    name,
    'reader' in view ? { ...view, reader: breaker.guard(view.reader) } : view,
  ]);
  return Object.fromEntries(entries) as T;
}

/** Brings every store to this program's version, one line each. Safe to do twice, and at once. */
export async function migrateClusterStores(
  stores: StoresConfiguration,
  told: (line: string) => void,
): Promise<void> {
  const { mysql, mongodb, elasticsearch, cassandra, redis, namespace } = stores;
  const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['MySQL', () => migrateMysql({ url: mysql })],
    ['MongoDB', () => migrateMongo(mongodb)],
    ['Elasticsearch', () => migrateElasticsearch({ ...elasticsearch, namespace })],
    ['Cassandra', () => migrateCassandra(cassandra)],
    ['Redis', () => migrateRedis({ url: redis, namespace })],
  ];
  await Promise.all(
    steps.map(async ([name, migrate]) => {
      await whenReachable(name, migrate);
      told(`${name} is of this version`);
    }),
  );
}
