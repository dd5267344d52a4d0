/**
 * A file of views: rows and the positions they stand at are written in one transaction, so a view
 * that survives a crash is exactly the fold of the log up to its positions.
 *
 * A change below the position of its partition has been applied and is skipped. That is why deletes
 * need no markers: a key stays in one partition, so whatever is older than its tombstone is below
 * the position too and cannot bring it back.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { AppliedSignal } from '../applied-signal.ts';
import { gap, rangeOf, SinkError } from '../sink-error.ts';
import type { Change, ChangeBatch, Position, ViewWriter } from '../views/view.ts';
import { Database, isConstraintViolation, isDatabaseError, isUnusableFile } from './database.ts';

export { AppliedSignal };

/** Raised when the same tables mean something else than before. */
const formatVersion = 1;

/** For files that keep positions beside rows of another kind. */
export const positionsTable = `
  CREATE TABLE positions (
    view TEXT NOT NULL,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    next_offset INTEGER NOT NULL,
    PRIMARY KEY (view, topic, partition)
  ) STRICT, WITHOUT ROWID;`;

export interface TableWriter<K, V> {
  /** Names the view in the positions; a new name starts from the beginning of the log. */
  readonly name: string;
  readonly signal: AppliedSignal;
  /** Where a change takes long: so many that they take a few milliseconds together. */
  readonly preferredChanges?: number;
  readonly put: (key: K, value: V, change: Change<K, V>) => void;
  readonly delete: (key: K) => void;
  /** For a table that keeps something in memory beside its rows. */
  readonly transaction?: {
    /** After the last change, still inside. */
    readonly beforeCommit: () => void;
    /** The rows are in, nobody has been told yet. */
    readonly committed: () => void;
    readonly rolledBack: () => void;
  };
}

export class ViewFile {
  readonly database: Database;

  /** Over a database that has the `positionsTable`. */
  constructor(database: Database) {
    this.database = database;
  }

  /**
   * Opens or creates the file. One that has other tables, or is damaged, is dropped: the views in
   * it start from the beginning of the log.
   */
  static open(path: string, tables: readonly string[]): ViewFile {
    mkdirSync(dirname(path), { recursive: true });
    const version = versionOf(tables);
    const present = usableDatabase(path, version, { readOnly: false });
    if (present !== undefined) return new ViewFile(present);

    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    const database = new Database({ path, synchronous: 'normal' });
    database.transaction(() => {
      database.exec(schemaOf(tables));
      database.version = version;
    });
    return new ViewFile(database);
  }

  /**
   * Opens the file of a shop that may be running, and never changes it.
   *
   * @throws Error when there is none, or one that this program cannot read.
   */
  static openToRead(path: string, tables: readonly string[]): ViewFile {
    if (!existsSync(path)) throw new Error(`there is no '${path}': run the shop first`);
    const database = usableDatabase(path, versionOf(tables), { readOnly: true });
    if (database !== undefined) return new ViewFile(database);
    throw new Error(
      `'${path}' is damaged or was written by another version of Millrace: read it with that ` +
        'version, or start the shop with this one, which makes the views anew from the log',
    );
  }

  writer<K, V>(table: TableWriter<K, V>): ViewWriter<K, V> {
    return {
      name: table.name,
      preferredChanges: table.preferredChanges,
      positions: async () => this.#positions(table.name),
      apply: async (batches) => {
        try {
          if (this.database.transaction(() => this.#applyAll(table, batches)) === 0) return;
        } catch (error) {
          table.transaction?.rolledBack();
          throw sinkErrorOf(error, table.name, batches);
        }
        table.transaction?.committed();
        table.signal.notify();
      },
    };
  }

  close(): void {
    this.database.close();
  }

  #applyAll<K, V>(table: TableWriter<K, V>, batches: readonly ChangeBatch<K, V>[]): number {
    let advanced = 0;
    for (const batch of batches) {
      const { topic, partition, changes, nextOffset } = batch;
      const position = this.#position(table.name, topic, partition);
      const begun = position < 0n ? 0n : position;
      if (batch.fromOffset > begun) throw gap(table.name, batch, begun);
      if (nextOffset <= position) continue;
      for (const change of changes) {
        if (change.offset < position) continue;
        if (change.value === null) table.delete(change.key);
        else table.put(change.key, change.value, change);
      }
      this.database.run(
        `INSERT INTO positions VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset`,
        [table.name, topic, partition, Number(nextOffset)],
      );
      advanced += 1;
    }
    table.transaction?.beforeCommit();
    return advanced;
  }

  /** -1 when the partition was never read: offset 0 is above it even with nothing to write. */
  #position(view: string, topic: string, partition: number): bigint {
    const row = this.database.get<{ next_offset: number }>(
      'SELECT next_offset FROM positions WHERE view = ? AND topic = ? AND partition = ?',
      [view, topic, partition],
    );
    return BigInt(row?.next_offset ?? -1);
  }

  #positions(view: string): readonly Position[] {
    const rows = this.database.all<{ topic: string; partition: number; next_offset: number }>(
      'SELECT topic, partition, next_offset FROM positions WHERE view = ? ORDER BY 1, 2',
      [view],
    );
    return rows.map(({ topic, partition, next_offset }) => ({
      topic,
      partition,
      nextOffset: BigInt(next_offset),
    }));
  }
}

function schemaOf(tables: readonly string[]): string {
  return [positionsTable, ...tables].join('\n');
}

function versionOf(tables: readonly string[]): number {
  return crc32(`${formatVersion}\n${schemaOf(tables)}`) | 0; // user_version is signed.
}

/** The database in the file if it is whole and of this version. */
function usableDatabase(
  path: string,
  version: number,
  { readOnly }: { readonly readOnly: boolean },
): Database | undefined {
  let database: Database | undefined;
  try {
    database = new Database({ path, synchronous: 'normal', readOnly });
    if (database.version === version) return database;
  } catch (error) {
    if (!isUnusableFile(error)) throw error;
  }
  database?.close();
  return undefined;
}

function sinkErrorOf(
  error: unknown,
  view: string,
  batches: readonly ChangeBatch<unknown, unknown>[],
): SinkError {
  if (error instanceof SinkError) return error;
  // What is not the database's error came from a value that does not fit its table.
  const rejected = isConstraintViolation(error) || !isDatabaseError(error);
  const where = batches.map(rangeOf).join(', ');
  const reason = error instanceof Error ? error.message : String(error);
  return new SinkError(
    rejected ? 'SINK_REJECTED' : 'SINK_UNAVAILABLE',
    `view '${view}' cannot take ${where}: ${reason}`,
    error,
  );
}
