/** One node of a Kafka cluster, broker and controller in one process, that can be killed and come back. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServerProcess } from '../server-process.ts';
import { type Properties, propertiesText } from './kafka-properties.ts';

/** Any 16 bytes. The same for every cluster, since none meets another. */
const clusterId = 'bWlsbHJhY2UtdGVzdHMtMQ';

export interface KafkaNodeOptions {
  readonly id: number;
  readonly port: number;
  /** Holds the node's data, its properties and its log. */
  readonly folder: string;
  readonly temporaryFolder: string | undefined;
  readonly properties: Properties;
  readonly java: string;
  readonly jars: string;
  readonly heapMegabytes: number;
  /** Whether Java compiles well what runs often, or everything quickly. */
  readonly optimizes: boolean;
  readonly formatArguments: readonly string[];
}

export class KafkaNode {
  readonly id: number;
  /** Where clients find it without security, on 127.0.0.1. The same after a restart. */
  readonly port: number;
  readonly #options: KafkaNodeOptions;
  readonly #process: ServerProcess;

  constructor(options: KafkaNodeOptions) {
    this.id = options.id;
    this.port = options.port;
    this.#options = options;
    this.#process = new ServerProcess({
      name: `Kafka node ${options.id}`,
      executable: options.java,
      args: [...javaArguments(options), 'kafka.Kafka', propertiesFile(options)],
      logFile: logFile(options),
      isReady: (log) => log.includes('Kafka Server started'),
      temporaryFolder: options.temporaryFolder,
    });
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** What it has printed, in all of its starts. */
  get printed(): string {
    return readFileSync(logFile(this.#options), 'utf8');
  }

  /** Writes its properties and, the first time, what Kafka needs to find in an empty data folder. */
  async prepare(): Promise<void> {
    const { folder, properties, java, jars, formatArguments } = this.#options;
    mkdirSync(folder, { recursive: true });
    writeFileSync(propertiesFile(this.#options), propertiesText(properties));
    if (existsSync(join(`${properties['log.dirs']}`, 'meta.properties'))) return;
    await promisify(execFile)(java, [
      ...['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', join(jars, '*')],
      ...['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId],
      ...['--config', propertiesFile(this.#options), ...formatArguments],
    ]);
  }

  /** Resolves when it takes part in the cluster and clients can connect. */
  start(): Promise<void> {
    return this.#process.start();
  }

  /** As an administrator would: it hands its partitions over first. */
  stop(): Promise<void> {
    return this.#process.stop();
  }

  /**
   * No file of its may grow beyond so many bytes, until it is started again: an append fails as on a
   * full disk, and so does making an index, which has its full length from the beginning. Linux only.
   */
  async fillDisk(fileBytes: number): Promise<void> {
    const { pid } = this;
    if (pid === undefined) throw new Error(`Kafka node ${this.id} does not run`);
    await promisify(execFile)('prlimit', ['--pid', `${pid}`, `--fsize=${fileBytes}:unlimited`]);
  }

  /** kill -9: clients see the connection break, the other nodes have to notice. */
  kill(): Promise<void> {
    return this.#process.kill();
  }
}

function logFile({ folder }: KafkaNodeOptions): string {
  return join(folder, 'broker.log');
}

function propertiesFile({ folder }: KafkaNodeOptions): string {
  return join(folder, 'server.properties');
}

function javaArguments({ jars, heapMegabytes, optimizes }: KafkaNodeOptions): string[] {
  const logger = '-Dorg.slf4j.simpleLogger';
  return [
    `-Xmx${heapMegabytes}m`,
    '-Xms64m',
    '-XX:+UseG1GC',
    '-XX:MaxGCPauseMillis=20',
    ...(optimizes ? [] : ['-XX:TieredStopAtLevel=1']),
    '-Djava.awt.headless=true',
    `${logger}.defaultLogLevel=warn`,
    // Says that the node is ready.
    `${logger}.log.kafka.server.KafkaRaftServer=info`,
    `${logger}.showDateTime=true`,
    `${logger}.dateTimeFormat=HH:mm:ss.SSS`,
    '-cp',
    join(jars, '*'),
  ];
}
