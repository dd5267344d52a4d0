/**
 * A real Cassandra for tests and benches: one node, which can be killed and come back with its data,
 * on ports that nobody uses, in a folder that goes away with it.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, requireFree } from '../free-ports.ts';
import { findJava } from '../java.ts';
import { cassandraJars } from '../server-files.ts';
import { ServerProcess } from '../server-process.ts';
import { javaArguments, logSettings, nodeSettings } from './cassandra-settings.ts';

export interface CassandraServerOptions {
  /** @defaultValue a free one */
  readonly port?: number;
  /** Kept, with its data, for another start. @defaultValue a temporary folder */
  readonly directory?: string;
  /** @defaultValue 512 */
  readonly heapMegabytes?: number;
  /** Whether Java compiles well what runs often, for benches and servers that stay. @defaultValue false */
  readonly optimizes?: boolean;
}

export interface CassandraServer {
  /** `host:port`. */
  readonly contactPoint: string;
  readonly port: number;
  readonly dataCenter: string;
  /** kill -9. */
  kill(): Promise<void>;
  /** After a kill: at the same address, with the same data. */
  start(): Promise<void>;
  /** Ends it, and removes a temporary folder. */
  stop(): Promise<void>;
}

/** Cassandra 5.0 starts with none that is newer. */
const javaVersions = { minimum: 11, maximum: 17 };

/** Resolves when it takes clients. Fails with the end of its log, and it does not run then. */
export async function startCassandra(
  options: CassandraServerOptions = {},
): Promise<CassandraServer> {
  const jars = await cassandraJars();
  const java = findJava(javaVersions.minimum, 'Cassandra', javaVersions.maximum);
  const [free = 0, storagePort = 0] = await freePorts(2);
  const cqlPort = options.port ?? free;
  await requireFree(cqlPort);
  const temporary = options.directory === undefined ? newFolder() : undefined;
  const folder = options.directory ?? (temporary as string);
  const place = { cqlPort, storagePort, folder };
  writeSettings(place);

  const server = new ServerProcess({
    name: 'Cassandra',
    executable: java,
    args: [
      ...javaArguments,
      ...heapArguments(options),
      ...placeArguments(folder),
      `-javaagent:${agentIn(jars)}`,
      ...['-cp', join(jars, '*'), 'org.apache.cassandra.service.CassandraDaemon'],
    ],
    logFile: join(folder, 'cassandra.log'),
    isReady: (log) => log.includes('Startup complete'),
    temporaryFolder: temporary,
  });
  const stop = async () => {
    // Data that is about to be removed needs no orderly end.
    await (temporary === undefined ? server.stop() : server.kill());
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    contactPoint: `127.0.0.1:${cqlPort}`,
    port: cqlPort,
    dataCenter: 'datacenter1',
    kill: () => server.kill(),
    start: () => server.start(),
    stop,
  };
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'millrace-cassandra-'));
}

function writeSettings(place: Parameters<typeof nodeSettings>[0]): void {
  const { folder } = place;
  mkdirSync(join(folder, 'triggers'), { recursive: true });
  writeFileSync(join(folder, 'cassandra.yaml'), JSON.stringify(nodeSettings(place), undefined, 2));
  writeFileSync(join(folder, 'logback.xml'), logSettings);
}

function heapArguments({ heapMegabytes = 512, optimizes = false }: CassandraServerOptions) {
  const heap = [`-Xms${heapMegabytes}m`, `-Xmx${heapMegabytes}m`];
  return optimizes ? heap : [...heap, '-XX:TieredStopAtLevel=1'];
}

function placeArguments(folder: string): string[] {
  return [
    `-Dcassandra.config=file://${folder}/cassandra.yaml`,
    `-Dcassandra.storagedir=${folder}`,
    `-Dcassandra.triggers_dir=${folder}/triggers`,
    `-Dcassandra.logdir=${folder}`,
    `-Dlogback.configurationFile=file://${folder}/logback.xml`,
    `-Djava.io.tmpdir=${folder}`,
  ];
}

/** It measures objects, and Cassandra does not start without it. */
function agentIn(jars: string): string {
  const agent = readdirSync(jars).find((name) => name.startsWith('jamm-'));
  if (agent === undefined) throw new Error(`there is no jamm among Cassandra's jars in ${jars}`);
  return join(jars, agent);
}
