/**
 * A MongoDB for tests: mongo-java-server, which speaks the protocol. There is no MongoDB that Maven
 * or Debian would give; docker-compose.yml has the real one. What the stand-in lacks (transactions,
 * change streams, updates by pipeline, expiry) we do not use.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts, requireFree } from '../free-ports.ts';
import { findJdk } from '../java.ts';
import { mongoJavaServerJars } from '../server-files.ts';
import { ServerProcess } from '../server-process.ts';

export interface MongoOptions {
  /** @defaultValue a free one */
  readonly port?: number;
  /**
   * Keeps the data in a file, where another start finds it again; `kill` loses what was written in
   * the last second, all of it from one instant on.
   *
   * @defaultValue in memory
   */
  readonly onDisk?: boolean;
  /** Where the file is. @defaultValue a temporary folder */
  readonly directory?: string;
  /** Whether Java compiles well what runs often. @defaultValue false */
  readonly optimizes?: boolean;
}

export interface MongoServer {
  readonly url: string;
  readonly port: number;
  /** Starts it again after `halt` or `kill`, on the same port and data. */
  start(): Promise<void>;
  /** Ends it in order: what it keeps on disk is whole. */
  halt(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
  /** Ends it for good, and removes a temporary folder. */
  stop(): Promise<void>;
}

/** Resolves when it listens. Fails with the end of its log, and it does not run then. */
export async function startMongo(options: MongoOptions = {}): Promise<MongoServer> {
  const jars = await mongoJavaServerJars();
  const java = findJdk(17, 'the stand-in for MongoDB');
  const port = options.port ?? (await freePorts(1))[0] ?? 0;
  await requireFree(port);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-mongodb-'));
  const directory = options.directory ?? folder;
  mkdirSync(directory, { recursive: true });
  const source = fileURLToPath(new URL('./MongoJavaServer.java', import.meta.url));
  const onDisk = options.onDisk ?? options.directory !== undefined;

  const server = new ServerProcess({
    name: 'mongo-java-server',
    executable: java,
    args: [
      ...['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC'],
      ...(options.optimizes ? [] : ['-XX:TieredStopAtLevel=1']),
      ...[`-Djava.io.tmpdir=${folder}`, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'],
      ...['-cp', join(jars, '*'), source, `${port}`],
      ...(onDisk ? [join(directory, 'mongodb.h2')] : []),
    ],
    logFile: join(folder, 'mongodb.log'),
    isReady: (log) => log.includes('listening'),
    temporaryFolder: folder,
  });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `mongodb://127.0.0.1:${port}`,
    port,
    start: () => server.start(),
    halt: () => server.stop(),
    kill: () => server.kill(),
    stop,
  };
}
