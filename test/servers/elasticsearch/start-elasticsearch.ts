/**
 * A real Elasticsearch of one node for tests and benches, which can be killed and come back with its
 * data. It refuses to run as root, so root starts it as nobody.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePorts, requireFree } from '../free-ports.ts';
import { findJava } from '../java.ts';
import { elasticsearchDistribution } from '../server-files.ts';
import { type ServerCommand, ServerProcess } from '../server-process.ts';
import { elasticsearchSettings } from './elasticsearch-settings.ts';

export interface ElasticsearchOptions {
  /** Kept, with its data, for another start. @defaultValue a temporary folder */
  readonly directory?: string;
  /** @defaultValue a free one */
  readonly port?: number;
  /** @defaultValue 512 */
  readonly heapMegabytes?: number;
  /**
   * Whether Java compiles well what runs often, for benchmarks and servers that stay.
   *
   * @defaultValue false
   */
  readonly optimizes?: boolean;
}

export interface ElasticsearchServer {
  readonly url: string;
  readonly port: number;
  /** kill -9: what it had not written to the disk is lost. */
  kill(): Promise<void>;
  /** After a kill: on the same port, with the same data. */
  start(): Promise<void>;
  /** Ends it, and removes a temporary folder. */
  stop(): Promise<void>;
}

/** Resolves when it takes requests. Fails with the end of its log, and it does not run then. */
export async function startElasticsearch(
  options: ElasticsearchOptions = {},
): Promise<ElasticsearchServer> {
  const distribution = await elasticsearchDistribution();
  const java = findJava(21, 'Elasticsearch');
  const [free = 0, transportPort = 0] = await freePorts(2);
  const port = options.port ?? free;
  await requireFree(port);
  const temporary =
    options.directory === undefined
      ? mkdtempSync(join(tmpdir(), 'millrace-elasticsearch-'))
      : undefined;
  const folder = temporary ?? (options.directory as string);
  const home = readableHome(distribution, folder);
  configure({ home, folder, port, transportPort, options });

  const url = `http://127.0.0.1:${port}`;
  const server = new ServerProcess({
    name: 'Elasticsearch',
    ...command(home, folder, java),
    workingDirectory: home,
    logFile: join(folder, 'printed.log'),
    isReady: () => answers(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`),
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
    url,
    port,
    kill: () => server.kill(),
    start: () => server.start(),
    stop,
  };
}

/** Nobody may not look into the folders of root: a checkout in one of them gets a copy outside. */
function readableHome(distribution: string, folder: string): string {
  if (!isRoot()) return distribution;
  const [setpriv = '', ...as] = asNobody;
  const { status } = spawnSync(setpriv, [...as, 'test', '-r', join(distribution, 'lib')]);
  if (status === 0) return distribution;
  const copy = join(folder, 'home');
  cpSync(distribution, copy, { recursive: true });
  return copy;
}

interface Configuration {
  readonly home: string;
  readonly folder: string;
  readonly port: number;
  readonly transportPort: number;
  readonly options: ElasticsearchOptions;
}

const writtenFolders = ['data', 'logs', 'temporary', 'configuration'] as const;

function configure({ home, folder, port, transportPort, options }: Configuration): void {
  for (const name of writtenFolders) mkdirSync(join(folder, name), { recursive: true });
  const configuration = join(folder, 'configuration');
  const settings = {
    ...elasticsearchSettings,
    'path.data': join(folder, 'data'),
    'path.logs': join(folder, 'logs'),
    'network.host': '127.0.0.1',
    'http.port': port,
    'transport.port': transportPort,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(configuration, 'elasticsearch.yml'), lines.join(''));
  copyFileSync(join(home, 'config/log4j2.properties'), join(configuration, 'log4j2.properties'));
  const { heapMegabytes: heap = 512, optimizes = false } = options;
  const javaOptions = [
    readFileSync(join(home, 'config/jvm.options'), 'utf8').replaceAll(/^.*Xlog:gc.*$/gm, ''),
    `-Xms${heap}m`,
    `-Xmx${heap}m`,
    ...(optimizes ? [] : ['-XX:TieredStopAtLevel=1']),
  ];
  writeFileSync(join(configuration, 'jvm.options'), `${javaOptions.join('\n')}\n`);
  if (isRoot()) {
    execFileSync('chown', ['-R', 'nobody:', folder]);
  }
}

const asNobody = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups'];

/** The distribution has no start script: this is what it would run. */
function command(
  home: string,
  folder: string,
  java: string,
): Pick<ServerCommand, 'executable' | 'args' | 'environment'> {
  const small = ['-Xms4m', '-Xmx64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const classPath = [join(home, 'lib/tools/server-launcher/*'), join(home, 'lib/*')];
  const launch = [
    ...[java, ...small, '-cp', classPath.join(delimiter)],
    'org.elasticsearch.server.launcher.ServerLauncher',
  ];
  const [executable = '', ...args] = isRoot() ? [...asNobody, ...launch] : launch;
  return {
    executable,
    args,
    environment: {
      ES_HOME: home,
      ES_PATH_CONF: join(folder, 'configuration'),
      ES_TMPDIR: join(folder, 'temporary'),
      ES_DISTRIBUTION_TYPE: 'zip',
      ES_JAVA_HOME: javaHome(java),
      JAVA: java,
      JAVA_TYPE: 'ES_JAVA_HOME',
      CLI_JAVA_OPTS: small.join(' '),
      HOME: join(folder, 'temporary'),
      HOSTNAME: 'localhost',
    },
  };
}

/** Where the Java is installed: the path of `java` may be a link, or a name alone. */
function javaHome(java: string): string {
  const { stderr } = spawnSync(java, ['-XshowSettings:properties', '-version'], {
    encoding: 'utf8',
  });
  const home = /^\s*java\.home = (.+)$/m.exec(stderr)?.[1];
  if (home === undefined) throw new Error(`${java} does not say where it is installed`);
  return home;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
