/** The databases that a shop of the cluster profile keeps its views in. */
import { startCassandra } from './cassandra/start-cassandra.ts';
import { startElasticsearch } from './elasticsearch/start-elasticsearch.ts';
import { startMongo } from './mongodb/start-mongodb.ts';
import { startMysql } from './mysql/start-mysql.ts';
import { startRedis } from './redis/start-redis.ts';

/** The servers themselves, for whoever wants to end one. */
export interface StoreServers {
  readonly mysql: Awaited<ReturnType<typeof startMysql>>;
  readonly mongodb: Awaited<ReturnType<typeof startMongo>>;
  readonly elasticsearch: Awaited<ReturnType<typeof startElasticsearch>>;
  readonly cassandra: Awaited<ReturnType<typeof startCassandra>>;
  readonly redis: Awaited<ReturnType<typeof startRedis>>;
}

export interface ShopStores {
  readonly servers: StoreServers;
  /** Of every command of `millrace` that is to use them. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Each on a free port, empty, and gone at the end. */
export async function startShopStores(): Promise<ShopStores> {
  const [mysql, mongodb, elasticsearch, cassandra, redis] = await Promise.all([
    startMysql(),
    // On the disk: a stand-in that forgets would lose what no MongoDB does.
    startMongo({ onDisk: true }),
    startElasticsearch(),
    startCassandra(),
    startRedis({ keepsData: true }),
  ]);
  const servers = { mysql, mongodb, elasticsearch, cassandra, redis };
  return {
    servers,
    environment: {
      MILLRACE_MYSQL: mysql.url,
      MILLRACE_MONGODB: mongodb.url,
      MILLRACE_ELASTICSEARCH: elasticsearch.url,
      MILLRACE_CASSANDRA: cassandra.contactPoint,
      MILLRACE_CASSANDRA_DATACENTER: cassandra.dataCenter,
      MILLRACE_REDIS: redis.url,
    },
    async stop() {
      await Promise.all(Object.values(servers).map((server) => server.stop()));
    },
  };
}
