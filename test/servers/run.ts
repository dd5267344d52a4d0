/**
 * `npm run servers -- kafka registry`: what docker-compose.yml starts, for whoever has no Docker.
 * On the same ports, in the foreground, until Ctrl-C.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCassandra } from './cassandra/start-cassandra.ts';
import { startKafka } from './kafka/start-kafka.ts';
import { startRegistry } from './registry/start-registry.ts';
import { cassandraJars, kafkaJars, registryApplication } from './server-files.ts';
import { repositoryRoot, serverSettings } from './server-settings.ts';

const dataByDefault = '.cache/servers/data';

const help = `npm run servers -- <server>... [--data FOLDER]
npm run servers -- fetch

  kafka     one node
  registry  a schema registry; its schemas are in kafka if that is started too, else in memory
  cassandra one node
  fetch     only fetches what the servers need, as they do themselves the first time

  --data FOLDER  where data is kept from one start to the next (${dataByDefault})

Needs Maven, Java 17 for kafka, Java 21 for registry, Java 11 to 17 for cassandra.`;

interface Started {
  readonly says: string;
  stop(): Promise<void>;
}

async function start(servers: readonly string[], data: string): Promise<Started[]> {
  const { kafkaPort, registryPort, cassandraPort } = serverSettings();
  const started: Started[] = [];
  let inKafka = {};
  if (servers.includes('kafka')) {
    const kafka = await startKafka({
      port: kafkaPort,
      directory: join(data, 'kafka'),
      optimizes: true,
    });
    started.push({ says: `kafka     ${kafka.bootstrapServers}`, stop: kafka.stop });
    inKafka = { bootstrapServers: kafka.bootstrapServers };
  }
  if (servers.includes('registry')) {
    const registry = await startRegistry({ port: registryPort, ...inKafka });
    started.push({ says: `registry  ${registry.url}`, stop: registry.stop });
  }
  if (servers.includes('cassandra')) {
    const cassandra = await startCassandra({
      port: cassandraPort,
      directory: join(data, 'cassandra'),
      optimizes: true,
    });
    started.push({ says: `cassandra ${cassandra.contactPoint}`, stop: cassandra.stop });
  }
  return started;
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
  const unknown = positionals.filter(
    (word) => !['kafka', 'registry', 'cassandra', 'fetch'].includes(word),
  );
  if (unknown.length > 0) throw new Error(`no server '${unknown.join(' ')}'; see --help`);
  if (values.help || positionals.length === 0) return console.log(help);
  if (positionals.includes('fetch')) {
    await Promise.all([kafkaJars(), registryApplication(), cassandraJars()]);
    return;
  }
  const started = await start(positionals, values.data ?? join(repositoryRoot, dataByDefault));
  stopAtSignal(started);
  for (const { says } of started) console.log(says);
}

run().catch((error: Error) => {
  console.error(`servers: ${error.message}`);
  process.exit(1);
});
