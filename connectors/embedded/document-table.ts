/** A table of documents: the latest value of each key as JSON, beside the columns it is looked up by. */
import { decodeCursor, pageOf } from '../views/cursor.ts';
import type { Page, PageRequest } from '../views/view.ts';
import type { Database, SqlValue } from './database.ts';

export interface Column<V> {
  /** Name and type in SQL: `created_at INTEGER NOT NULL`. */
  readonly definition: string;
  readonly of: (value: V) => SqlValue;
}

/** How many rows are read at a time: reading and writing alternate on one connection. */
const entriesChunk = 500;

export class DocumentTable<K extends string, V> {
  /** The SQL that creates the table. */
  readonly schema: string;
  readonly #name: string;
  readonly #columns: readonly Column<V>[];
  readonly #upsert: string;

  constructor(name: string, columns: readonly Column<V>[] = [], indexes = '') {
    const definitions = columns.map(({ definition }) => `, ${definition}`).join('');
    const names = ['key', 'value', ...columns.map(columnName)];
    const updates = names.slice(1).map((column) => `${column} = excluded.${column}`);
    this.#name = name;
    this.#columns = columns;
    this.schema =
      `CREATE TABLE ${name} (key TEXT PRIMARY KEY, value TEXT NOT NULL${definitions}) STRICT;` +
      indexes;
    this.#upsert =
      `INSERT INTO ${name} (${names}) VALUES (${names.map(() => '?')}) ` +
      `ON CONFLICT (key) DO UPDATE SET ${updates}`;
  }

  put(database: Database, key: K, value: V): void {
    const columns = this.#columns.map((column) => column.of(value));
    database.run(this.#upsert, [key, JSON.stringify(value), ...columns]);
  }

  delete(database: Database, key: K): void {
    database.run(`DELETE FROM ${this.#name} WHERE key = ?`, [key]);
  }

  get(database: Database, key: K): V | undefined {
    return this.select(database, 'WHERE key = ?', [key])[0];
  }

  /** In the order asked, with repeats; what does not exist is left out. */
  getMany(database: Database, keys: readonly K[]): V[] {
    const rows = database.all<{ value: string }>(
      `SELECT t.value FROM json_each(?) asked JOIN ${this.#name} t ON t.key = asked.value
       ORDER BY asked.key`,
      [JSON.stringify(keys)],
    );
    return rows.map(({ value }) => JSON.parse(value) as V);
  }

  count(database: Database): number {
    return database.number(`SELECT count(*) FROM ${this.#name}`);
  }

  /** `clause` is what follows FROM. */
  select(database: Database, clause: string, parameters: readonly SqlValue[]): V[] {
    const sql = `SELECT value FROM ${this.#name} ${clause}`;
    const rows = database.all<{ value: string }>(sql, parameters);
    return rows.map(({ value }) => JSON.parse(value) as V);
  }

  /** By key, ascending. */
  page(database: Database, request: PageRequest, keyOf: (value: V) => K): Page<V> {
    const [after] = request.cursor === undefined ? [''] : decodeCursor(request.cursor, ['string']);
    const found = this.select(database, 'WHERE key > ? ORDER BY key LIMIT ?', [
      after,
      request.limit + 1,
    ]);
    return pageOf(found, request.limit, (last) => [keyOf(last)]);
  }

  /** Every entry, by key. What is written meanwhile may be seen or not; nothing is seen twice. */
  async *entries(database: Database): AsyncGenerator<readonly [K, V]> {
    let after = '';
    for (;;) {
      const rows = database.all<{ key: K; value: string }>(
        `SELECT key, value FROM ${this.#name} WHERE key > ? ORDER BY key LIMIT ${entriesChunk}`,
        [after],
      );
      for (const { key, value } of rows) yield [key, JSON.parse(value) as V];
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.key;
    }
  }
}

function columnName({ definition }: Column<never>): string {
  return definition.split(' ', 1)[0] as string;
}
