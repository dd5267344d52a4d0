/**
 * `npm run servers -- all`: what docker-compose.yml starts, for whoever has no Docker. On the same
 * ports, in the foreground, until Ctrl-C.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCassandra } from './cassandra/start-cassandra.ts';
import { startElasticsearch } from './elasticsearch/start-elasticsearch.ts';
import { startKafka } from './kafka/start-kafka.ts';
import { startMongo } from './mongodb/start-mongodb.ts';
import { startMysql } from './mysql/start-mysql.ts';
import { startRedis } from './redis/start-redis.ts';
import { startRegistry } from './registry/start-registry.ts';
import {
  cassandraJars,
  elasticsearchDistribution,
  kafkaJars,
  mongoJavaServerJars,
  mysqlServerFiles,
  registryApplication,
} from './server-files.ts';
import { repositoryRoot, serverSettings } from './server-settings.ts';

const dataByDefault = '.cache/servers/data';

const help = `npm run servers -- <server>... [--data FOLDER]
npm run servers -- fetch

  kafka          one node
  registry       a schema registry; its schemas are in kafka if that is started too, else in memory
  mongodb        a stand-in, mongo-java-server
  elasticsearch  one node
  mysql          MariaDB, which speaks MySQL's protocol
  cassandra      one node
  redis          one node
  all            all of them
  fetch          only fetches what the servers need, as they do themselves the first time

  --data FOLDER  where the data is kept from one start to the next (${dataByDefault})

Needs Maven; Java 17 for kafka and cassandra, Java 21 for registry and elasticsearch, a JDK 17 for mongodb;
of Debian redis-server for redis, mariadb-server-core and mariadb-client-core for mysql.`;

interface Started {
  readonly says: string;
  stop(): Promise<void>;
}

/** `directory` is the server's own. */
type Start = (directory: string, kafka: string | undefined) => Promise<Started>;

const ports = serverSettings();
const optimizes = true;

/** Kafka comes first: the registry may keep its schemas there. */
const servers: Readonly<Record<string, Start>> = {
  async kafka(directory) {
    const { bootstrapServers, stop } = await startKafka({
      port: ports.kafkaPort,
      directory,
      optimizes,
    });
    return { says: bootstrapServers, stop };
  },
  async registry(_directory, bootstrapServers) {
    const inKafka = bootstrapServers === undefined ? {} : { bootstrapServers };
    const { url, stop } = await startRegistry({ port: ports.registryPort, ...inKafka });
    return { says: url, stop };
  },
  async mongodb(directory) {
    const { url, stop } = await startMongo({ port: ports.mongodbPort, directory, optimizes });
    return { says: url, stop };
  },
  async elasticsearch(directory) {
    const port = ports.elasticsearchPort;
    const { url, stop } = await startElasticsearch({ port, directory, optimizes });
    return { says: url, stop };
  },
  async mysql(directory) {
    const { url, stop } = await startMysql({ port: ports.mysqlPort, directory });
    return { says: url, stop };
  },
  async cassandra(directory) {
    const port = ports.cassandraPort;
    const { contactPoint, stop } = await startCassandra({ port, directory, optimizes });
    return { says: contactPoint, stop };
  },
  async redis(directory) {
    const { url, stop } = await startRedis({ port: ports.redisPort, directory });
    return { says: url, stop };
  },
};

/** Kafka, then the others beside each other. */
async function start(names: readonly string[], data: string): Promise<Started[]> {
  const begin = async (name: string, kafka?: string): Promise<Started> => {
    const started = await (servers[name] as Start)(join(data, name), kafka);
    console.log(`${name.padEnd(13)}  ${started.says}`);
    return started;
  };
  const first = names.includes('kafka') ? [await begin('kafka')] : [];
  const others = names.filter((name) => name !== 'kafka');
  return [...first, ...(await Promise.all(others.map((name) => begin(name, first[0]?.says))))];
}

/** The registry first, which is a client of the other. A second signal does not wait. */
async function stop(started: readonly Started[]): Promise<void> {
  for (const server of started.toReversed()) await server.stop();
  process.exit();
}

function stopAtSignal(started: readonly Started[]): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop(started));
  }
  // A server that runs keeps us running, so this is the end of the last one.
  process.once('beforeExit', () => {
    console.error('servers: every server has ended by itself');
    process.exitCode = 1;
  });
}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { data: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help || positionals.length === 0) return console.log(help);
  const known = [...Object.keys(servers), 'all', 'fetch'];
  const unknown = positionals.find((word) => !known.includes(word));
  if (unknown !== undefined) throw new Error(`no server '${unknown}'; see --help`);
  if (positionals.includes('fetch')) {
    await Promise.all([
      kafkaJars(),
      registryApplication(),
      mongoJavaServerJars(),
      elasticsearchDistribution(),
      mysqlServerFiles(),
      cassandraJars(),
    ]);
    return;
  }
  const names = positionals.includes('all')
    ? Object.keys(servers)
    : Object.keys(servers).filter((name) => positionals.includes(name));
  const started = await start(names, values.data ?? join(repositoryRoot, dataByDefault));
  stopAtSignal(started);
}

run().catch((error: Error) => {
  console.error(`servers: ${error.message}`);
  process.exit(1);
});
