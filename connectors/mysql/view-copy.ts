/**
 * A view is built anew in tables beside its own, positions included, and takes their place by one
 * RENAME TABLE, which is atomic: readers see the one or the other. A sink that was writing waits for
 * it, and then finds the positions of the copy.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OneWriter, Rebuildable } from '../views/rebuild.ts';
import { lockWaitSeconds } from './connection-pool.ts';
import { type Executor, type MysqlDatabase, rowsOf } from './mysql-database.ts';
import { isConnectionLost, isMissingTable, MysqlError } from './mysql-error.ts';
import {
  allTables,
  copied,
  live,
  replaced,
  type TableName,
  type ViewTables,
} from './view-tables.ts';
import { viewErrorOf } from './view-unavailable.ts';
import { viewWriter } from './view-writer.ts';

/**
 * Who comes after a waiting RENAME waits for it too, readers among them: rather than that it gives
 * up soon, and tries again.
 */
const renameWaitSeconds = 1;
const renameAttempts = 30;
const renamePauseMs = 200;
/** A table is locked by somebody; the deadlock with a sink that reached for the next table. */
const inTheWay = [1205, 1213];

export function rebuildable<K, V>(
  database: MysqlDatabase,
  tables: ViewTables<K, V>,
): Rebuildable<OneWriter<K, V>> {
  return {
    beginCopy: () =>
      translating(tables.name, async () => {
        const copyId = String(randomInt(1, 2 ** 48 - 1));
        await database.write((kysely) => makeCopy(kysely, tables, copyId));
        return {
          writers: { writer: viewWriter({ database, tables, named: copied, copyId }) },
          switchOver: () => translating(tables.name, () => switchOver(database, tables, copyId)),
          abandon: () =>
            translating(tables.name, async () => {
              if ((await copyIdOf(database, tables, copied)) !== copyId) return;
              await database.write((kysely) => drop(kysely, tables, copied));
            }),
        };
      }),
  };
}

async function makeCopy<K, V>(
  executor: Executor,
  tables: ViewTables<K, V>,
  copyId: string,
): Promise<void> {
  await drop(executor, tables, copied);
  await drop(executor, tables, replaced);
  for (const table of allTables(tables)) {
    await rowsOf(executor, `CREATE TABLE ${copied(table)} LIKE ${live(table)}`);
  }
  for (const link of tables.links?.(copied) ?? []) await rowsOf(executor, link);
  const { positions } = tables;
  await rowsOf(executor, `INSERT INTO ${copied(positions)} VALUES ('', 0, ?)`, [copyId]);
}

/** Children before their parents. */
async function drop<K, V>(
  executor: Executor,
  tables: ViewTables<K, V>,
  named: TableName,
): Promise<void> {
  const names = allTables(tables).map(named).toReversed();
  for (const name of names) await rowsOf(executor, `DROP TABLE IF EXISTS ${name}`);
}

async function switchOver<K, V>(
  database: MysqlDatabase,
  tables: ViewTables<K, V>,
  copyId: string,
): Promise<void> {
  const renames = allTables(tables).flatMap((table) => [
    `${live(table)} TO ${replaced(table)}`,
    `${copied(table)} TO ${live(table)}`,
  ]);
  const rename = `RENAME TABLE ${renames.join()}`;
  for (let attempt = 1; ; attempt += 1) {
    // Also when the answer to a RENAME was lost: the mark of the copy says whether it was made.
    if ((await copyIdOf(database, tables, live)) === copyId) break;
    if ((await copyIdOf(database, tables, copied)) !== copyId) {
      throw new Error(`view '${tables.name}': another copy was begun in place of this one`);
    }
    try {
      await database.writeOnce((kysely) =>
        kysely.connection().execute(async (connection) => {
          await rowsOf(connection, `SET SESSION lock_wait_timeout = ${renameWaitSeconds}`);
          try {
            await rowsOf(connection, rename);
          } finally {
            await rowsOf(connection, `SET SESSION lock_wait_timeout = ${lockWaitSeconds}`);
          }
        }),
      );
    } catch (error) {
      if (attempt === renameAttempts || !mayPass(error)) throw error;
      await sleep(renamePauseMs);
    }
  }
  await database.write((kysely) => drop(kysely, tables, replaced));
}

function mayPass(error: unknown): boolean {
  if (isConnectionLost(error)) return true;
  return error instanceof MysqlError && inTheWay.includes(error.errno);
}

/** Undefined when there are no such tables. */
async function copyIdOf<K, V>(
  database: MysqlDatabase,
  { positions }: ViewTables<K, V>,
  named: TableName,
): Promise<string | undefined> {
  const sql = `SELECT CAST(next_offset AS CHAR) AS id FROM ${named(positions)} WHERE topic = ''`;
  try {
    const [row] = await database.write((kysely) => rowsOf<{ readonly id: string }>(kysely, sql));
    return row?.id;
  } catch (error) {
    if (isMissingTable(error)) return undefined;
    throw error;
  }
}

async function translating<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw viewErrorOf(error, `view '${name}' cannot be built anew`);
  }
}
