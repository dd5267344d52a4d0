/** MySQL or MariaDB for tests, on 127.0.0.1; it can be killed and come back with its data. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { freePorts, requireFree } from '../free-ports.ts';
import { ServerProcess } from '../server-process.ts';
import { findMysql, type MysqlFlavour } from './mysql-installation.ts';
import { mysqlArguments, mysqlSettings, mysqlUser } from './mysql-settings.ts';

export interface MysqlOptions {
  /** @defaultValue `'mariadb'`, which enforces CHECK constraints */
  readonly flavour?: MysqlFlavour;
  /** @defaultValue a free one */
  readonly port?: number;
  /** Keeps its data, where another start finds it again. @defaultValue a temporary one */
  readonly directory?: string;
}

export interface MysqlServer {
  /** Of the user who may do everything in databases whose names begin with `millrace`. */
  readonly url: string;
  readonly port: number;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** All that it keeps: to be copied and put back while it does not run. */
  readonly dataFolder: string;
  /** Runs statements as root, one after the other; answers the rows of the last. */
  asRoot(...statements: readonly string[]): Promise<readonly Record<string, unknown>[]>;
  /** Another database of the same user. */
  createDatabase(name: `millrace_${string}`): Promise<string>;
  /** As a crash of the machine would. */
  kill(): Promise<void>;
  /** After a kill, at the same port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** MariaDB has a root at this address already, and MySQL has not. */
const admin = { user: 'admin', password: 'admin' } as const;

/** Resolves when it answers. Fails with the end of its log, and it does not run then. */
export async function startMysql(options: MysqlOptions = {}): Promise<MysqlServer> {
  const installation = await findMysql(options.flavour ?? 'mariadb');
  const [free = 0] = await freePorts(1);
  const port = options.port ?? free;
  await requireFree(port);
  const folder = options.directory ?? mkdtempSync(join(tmpdir(), 'millrace-mysql-'));
  const temporaryFolder = options.directory === undefined ? folder : undefined;
  mkdirSync(folder, { recursive: true });
  const data = join(folder, 'data');
  const isNew = !existsSync(data);
  if (isNew) await installation.prepare(data);
  const users = join(folder, 'users.sql');
  writeFileSync(users, userStatements.join('\n'));

  const server = new ServerProcess({
    name: 'MySQL',
    executable: installation.executable,
    args: [
      ...installation.args,
      ...mysqlArguments(mysqlSettings),
      `--datadir=${data}`,
      ...['--bind-address=127.0.0.1', `--port=${port}`],
      ...[`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`],
      `--init-file=${users}`,
    ],
    logFile: join(folder, 'mysql.log'),
    isReady: async (log) => log.includes('ready for connections') && (await answers(port)),
    temporaryFolder,
  });
  const stop = async () => {
    // Data that is about to be removed needs no orderly end.
    await (temporaryFolder === undefined ? server.stop() : server.kill());
    if (temporaryFolder !== undefined) rmSync(temporaryFolder, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const asRoot = (...statements: readonly string[]) => runAsRoot(port, statements);
  return {
    url: urlOf(port, mysqlUser.database),
    port,
    dataFolder: data,
    get pid() {
      return server.pid;
    },
    asRoot,
    createDatabase: async (name) => {
      await asRoot(`CREATE DATABASE ${name}`);
      return urlOf(port, name);
    },
    kill: () => server.kill(),
    start: () => server.start(),
    stop,
  };
}

/** Run at each start: a statement a line, all of them harmless the second time. */
const userStatements = [
  `CREATE DATABASE IF NOT EXISTS ${mysqlUser.database};`,
  `CREATE USER IF NOT EXISTS ${admin.user}@'127.0.0.1' IDENTIFIED BY '${admin.password}';`,
  `GRANT ALL ON *.* TO ${admin.user}@'127.0.0.1' WITH GRANT OPTION;`,
  `CREATE USER IF NOT EXISTS ${mysqlUser.user}@'127.0.0.1' IDENTIFIED BY '${mysqlUser.password}';`,
  `GRANT ALL ON \`${mysqlUser.database}%\`.* TO ${mysqlUser.user}@'127.0.0.1';`,
];

function urlOf(port: number, database: string): string {
  return `mysql://${mysqlUser.user}:${mysqlUser.password}@127.0.0.1:${port}/${database}`;
}

async function runAsRoot(port: number, statements: readonly string[]) {
  const root = await connect(port);
  try {
    let rows: readonly Record<string, unknown>[] = [];
    for (const statement of statements) {
      const [answer] = await root.query(statement);
      rows = Array.isArray(answer) ? (answer as Record<string, unknown>[]) : [];
    }
    return rows;
  } finally {
    root.destroy();
  }
}

function connect(port: number): Promise<Connection> {
  return createConnection({ host: '127.0.0.1', port, ...admin });
}

async function answers(port: number): Promise<boolean> {
  try {
    (await connect(port)).destroy();
    return true;
  } catch {
    return false;
  }
}
