/**
 * Brings a database to the version of this program, and refuses to open one of another version.
 * Versions are recorded in the database, and one process at a time migrates it.
 */
import { Kysely, MysqlDialect } from 'kysely';
import { ConnectionPool } from './connection-pool.ts';
import { migrations } from './migrations.ts';
import { type Executor, type MysqlDatabase, rowsOf } from './mysql-database.ts';
import { isMissingTable } from './mysql-error.ts';
import type { MysqlOptions } from './mysql-options.ts';

export interface MigrationReport {
  /** 0: the database was empty. */
  readonly from: number;
  readonly to: number;
}

/** An index over a large table takes its time. */
const limits = { connections: 1, connectTimeoutMs: 5_000, queryTimeoutMs: 3_600_000 };
const lockWaitSeconds = 60;
const lockName = "CONCAT('millrace-migrate-', MD5(DATABASE()))";

const versionTable = `CREATE TABLE IF NOT EXISTS millrace_version (
  id TINYINT NOT NULL PRIMARY KEY, version INT NOT NULL
) ENGINE = InnoDB`;

/**
 * Does nothing to a database that is up to date. The database itself must exist. Several processes
 * may call it at once: one works, the others wait for it.
 *
 * @throws Error when the database is of a newer version, and MysqlError when it cannot be reached.
 */
export async function migrateMysql({ url }: MysqlOptions): Promise<MigrationReport> {
  const pool = new ConnectionPool({ url, ...limits });
  const kysely = new Kysely<unknown>({
    dialect: new MysqlDialect({ pool }),
  });
  try {
    return await kysely.connection().execute(async (connection) => {
      await takeLock(connection);
      const report = await bringUpToDate(connection);
      await rowsOf(connection, `DO RELEASE_LOCK(${lockName})`);
      return report;
    });
  } finally {
    await pool.close(); // A lock that is still held goes with its connection.
  }
}

/** @throws Error that says what to do when it is not of the version that this program knows. */
export async function requireMigrated<Tables>(database: MysqlDatabase<Tables>): Promise<void> {
  // With the patience of a writer: a process that starts has time.
  const version = await database.write(async (tables) => {
    try {
      return await versionIn(tables);
    } catch (error) {
      if (isMissingTable(error)) return 0;
      throw error;
    }
  });
  if (version > migrations.length) throw newer(version);
  if (version === migrations.length) return;
  const found = version === 0 ? 'has no tables of Millrace' : `is of version ${version}`;
  throw new Error(
    `the MySQL database ${found}, and this program needs version ${migrations.length}: ` +
      'run `millrace migrate`',
  );
}

async function bringUpToDate(connection: Executor): Promise<MigrationReport> {
  await rowsOf(connection, versionTable);
  const from = await versionIn(connection);
  if (from > migrations.length) throw newer(from);
  for (let version = from; version < migrations.length; version += 1) {
    for (const statement of migrations[version] ?? []) await rowsOf(connection, statement);
    await rowsOf(connection, 'REPLACE INTO millrace_version VALUES (1, ?)', [version + 1]);
  }
  return { from, to: migrations.length };
}

async function takeLock(connection: Executor): Promise<void> {
  const [row] = await rowsOf<{ readonly taken: number | null }>(
    connection,
    `SELECT GET_LOCK(${lockName}, ${lockWaitSeconds}) AS taken`,
  );
  if (row?.taken === 1) return;
  throw new Error('another process has been migrating the MySQL database for a minute: try again');
}

async function versionIn(executor: Executor): Promise<number> {
  const rows = await rowsOf<{ version: number }>(executor, 'SELECT version FROM millrace_version');
  return rows[0]?.version ?? 0;
}

function newer(version: number): Error {
  return new Error(
    `the MySQL database is of version ${version}, and this program knows versions up to ` +
      `${migrations.length}: run a newer Millrace, whose \`millrace migrate\` made it`,
  );
}
