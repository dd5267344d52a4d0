/**
 * One SQLite file, opened as every file of the embedded profile is: write-ahead log, statements
 * prepared once, whole transactions in one synchronous call, so that nothing comes between.
 */
import Libsql from 'libsql';

export type SqlValue = string | number | null;
export type Row = Record<string, SqlValue>;

/** libsql puts it on the rows of `get`, not on those of `all`. */
interface Metadata {
  _metadata?: unknown;
}

export interface DatabaseOptions {
  readonly path: string;
  /**
   * `full` is durable when a write returns. `normal` may lose the last transactions when the power
   * fails, never the file: for what is rebuilt from the log, whose position is in the same file.
   */
  readonly synchronous: 'normal' | 'full';
  /** Refuses every change, and leaves the file's log to who writes it. @defaultValue false */
  readonly readOnly?: boolean;
}

/** Another process may hold the write lock for a moment, for instance an audit. */
const busyTimeoutMs = 2_000;

/** The low byte of SQLite's result codes for every kind of violated constraint. */
const constraintCode = 19;
const misuseCode = 21;
const fileIsUnusableCodes = new Set([11, 26]); // SQLITE_CORRUPT, SQLITE_NOTADB

export class Database {
  readonly #database: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  readonly #readOnly: boolean;

  constructor({ path, synchronous, readOnly = false }: DatabaseOptions) {
    this.#readOnly = readOnly;
    this.#database = new Libsql(path);
    try {
      this.#database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
      // Not SQLite's own read-only mode: it cannot read what a killed process left in its log.
      this.#database.exec(readOnly ? 'PRAGMA query_only = ON' : 'PRAGMA journal_mode = WAL');
      this.#database.exec(`PRAGMA synchronous = ${synchronous}`);
      this.#database.exec('PRAGMA foreign_keys = ON');
      this.#database.exec('PRAGMA temp_store = MEMORY');
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** How many rows it changed. */
  run(sql: string, parameters: readonly SqlValue[] = []): number {
    return this.#statement(sql).run(bindable(parameters)).changes;
  }

  get<T = Row>(sql: string, parameters: readonly SqlValue[] = []): T | undefined {
    const row = this.#statement(sql).get(bindable(parameters)) as (T & Metadata) | undefined;
    if (row !== undefined) delete row._metadata;
    return row;
  }

  /** The first column of the first row, a number. */
  number(sql: string, parameters: readonly SqlValue[] = []): number {
    const row = this.get<Record<string, number>>(sql, parameters) ?? {};
    return Object.values(row)[0] ?? 0;
  }

  all<T = Row>(sql: string, parameters: readonly SqlValue[] = []): T[] {
    return this.#statement(sql).all(bindable(parameters)) as T[];
  }

  /** Several statements, without parameters. */
  exec(script: string): void {
    this.#mustBeOpen();
    this.#database.exec(script);
  }

  /** All of `work` or nothing. It must not await: the connection is everybody's. */
  transaction<T>(work: () => T): T {
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk has rolled back already.
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** What `work` reads is of one instant, whatever other processes write. It must not await. */
  snapshot<T>(work: () => T): T {
    this.exec('BEGIN');
    try {
      return work();
    } finally {
      this.#database.exec('COMMIT');
    }
  }

  /** The application's own version number in the file; 0 in a new one. */
  get version(): number {
    return this.number('PRAGMA user_version');
  }

  set version(version: number) {
    this.#database.exec(`PRAGMA user_version = ${version}`);
  }

  close(): void {
    if (!this.#database.open) return;
    // libsql holds the file open until its statements are collected, so closing would not do this.
    if (!this.#readOnly) this.all('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#statements.clear();
    this.#database.close();
  }

  /** libsql says it by a TypeError, which would look like a bug of the caller. */
  #mustBeOpen(): void {
    if (this.#database.open) return;
    throw new Libsql.SqliteError('the database is closed', 'SQLITE_MISUSE', misuseCode);
  }

  #statement(sql: string): Libsql.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      this.#mustBeOpen();
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Whether a row broke a constraint: the same write will fail again. */
export function isConstraintViolation(error: unknown): boolean {
  return (resultCode(error) & 0xff) === constraintCode;
}

/** Whether the file is damaged or no SQLite file at all. */
export function isUnusableFile(error: unknown): boolean {
  return fileIsUnusableCodes.has(resultCode(error) & 0xff);
}

export function isDatabaseError(error: unknown): boolean {
  return error instanceof Libsql.SqliteError;
}

function resultCode(error: unknown): number {
  return error instanceof Libsql.SqliteError ? (error.rawCode ?? 0) : 0;
}

/**
 * libsql cuts a text at its first NUL, so that two keys could become one; and it aborts the process
 * on a boolean, which types keep out.
 */
function bindable(parameters: readonly SqlValue[]): SqlValue[] {
  return parameters.map((value) =>
    typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value,
  );
}
