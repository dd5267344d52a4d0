/** A Redis for tests, from Debian's package: it can be killed and comes back with its data. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, requireFree } from '../free-ports.ts';
import { ServerProcess } from '../server-process.ts';
import { redisSettings } from './redis-settings.ts';

const executable = 'redis-server';

export interface RedisOptions {
  /** @defaultValue a free one */
  readonly port?: number;
  /** Kept, with its data, for another start. @defaultValue a temporary folder */
  readonly directory?: string;
  /** Whether it finds its data again when it comes back. @defaultValue true */
  readonly keepsData?: boolean;
  /** A client must say it. @defaultValue none */
  readonly password?: string;
  /** More of what redis.conf can say, in the place of ours. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:<port>`; without the password. */
  readonly url: string;
  /** Its folder; `appendonlydir` in it holds what it has written down. */
  readonly directory: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** Again, on the same port and data. */
  start(): Promise<void>;
  /** As a crash of the machine would. */
  kill(): Promise<void>;
  /** Ends it, and removes a temporary folder. */
  stop(): Promise<void>;
}

/** Resolves when it answers. Fails with the end of its log, and it does not run then. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  await requireInstalled();
  const [free = 0] = await freePorts(1);
  const port = options.port ?? free;
  await requireFree(port);
  const temporary = options.directory ? undefined : mkdtempSync(join(tmpdir(), 'millrace-redis-'));
  const directory = options.directory ?? (temporary as string);
  mkdirSync(directory, { recursive: true });
  const settings = {
    ...redisSettings,
    ...(options.keepsData === false && { appendonly: 'no' }),
    ...(options.password !== undefined && { requirepass: options.password }),
    ...options.settings,
    bind: '127.0.0.1',
    port: `${port}`,
    dir: directory,
    daemonize: 'no',
  };
  const server = new ServerProcess({
    name: 'Redis',
    executable,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    logFile: join(directory, 'redis.log'),
    isReady: (log) => log.includes('Ready to accept connections') && listens(port),
    temporaryFolder: temporary,
  });
  const stop = async () => {
    if (temporary === undefined) await server.stop();
    else await server.kill(); // Data that is about to be removed needs no orderly end.
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    directory,
    get pid() {
      return server.pid;
    },
    start: () => server.start(),
    kill: () => server.kill(),
    stop,
  };
}

/** @throws Error that says what to install. */
export async function requireInstalled(): Promise<void> {
  try {
    await promisify(execFile)(executable, ['--version']);
  } catch (error) {
    throw new Error(`there is no '${executable}': install Debian's package redis-server`, {
      cause: error,
    });
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
