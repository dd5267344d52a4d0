/**
 * A file that is the record itself and no view: durable with each write, migrated from version to
 * version, never dropped.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Database, type DatabaseOptions } from './database.ts';

/** SQL that leads from each version to the next; the first one makes an empty file version 1. */
export type Migrations = readonly string[];

export function openRecordFile(
  path: string,
  migrations: Migrations,
  { synchronous = 'full' }: Partial<Pick<DatabaseOptions, 'synchronous'>> = {},
): Database {
  mkdirSync(dirname(path), { recursive: true });
  const database = new Database({ path, synchronous });
  try {
    migrate(database, path, migrations);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** In a transaction a version, which holds the write lock: safe from several processes at once. */
function migrate(database: Database, path: string, migrations: Migrations): void {
  for (;;) {
    const done = database.transaction(() => {
      const { version } = database;
      if (version > migrations.length) throw newerFile(path, version, migrations.length);
      const step = migrations[version];
      if (step === undefined) return true;
      database.exec(step);
      database.version = version + 1;
      return false;
    });
    if (done) return;
  }
}

function newerFile(path: string, version: number, known: number): Error {
  return new Error(
    `'${path}' is of version ${version}, and this program knows versions up to ${known}: ` +
      'run a newer Millrace, or restore the file from before the upgrade',
  );
}
