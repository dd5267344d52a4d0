/** A table of documents: the latest value of each key as JSON, beside the columns it is looked up by. */
import { SinkError } from '../sink-error.ts';
import type { Change } from '../views/view.ts';
import { type Executor, rowsOf, type SqlValue, type Statement } from './mysql-database.ts';
import { deletes, upserts } from './statements.ts';
import { latestOf, live, type TableName } from './view-tables.ts';

export interface Column<V> {
  readonly name: string;
  readonly of: (value: V) => SqlValue;
}

/** Of JSON; half of what a statement may hold, and of what MEDIUMTEXT holds. */
const maxValueBytes = 8 << 20;
const entriesChunk = 500;

export class DocumentTable<K extends string, V> {
  readonly name: string;
  readonly #columns: readonly Column<V>[];

  constructor(name: string, columns: readonly Column<V>[] = []) {
    this.name = name;
    this.#columns = columns;
  }

  /** Brings in the last change of each key. */
  latest(changes: readonly Change<K, V>[], named: TableName): Statement[] {
    const puts = new Map<K, V>();
    const gone: K[] = [];
    for (const [key, value] of latestOf(changes)) {
      if (value === null) gone.push(key);
      else puts.set(key, value);
    }
    return [...this.deletes('entry_key', gone, named), ...this.puts(puts, named)];
  }

  puts(values: ReadonlyMap<K, V>, named: TableName): Statement[] {
    const columns = ['entry_key', 'value', ...this.#columns.map(({ name }) => name)];
    const rows = [...values].map(([key, value]) => [
      key,
      this.#json(key, value),
      ...this.#columns.map((column) => column.of(value)),
    ]);
    return upserts(named(this.name), columns, rows);
  }

  deletes(column: string, values: readonly SqlValue[], named: TableName): Statement[] {
    return deletes(named(this.name), column, values);
  }

  async get(executor: Executor, key: K): Promise<V | undefined> {
    const [value] = await this.select(executor, 'WHERE entry_key = ?', [key]);
    return value;
  }

  async count(executor: Executor, where = ''): Promise<number> {
    const sql = `SELECT COUNT(*) AS count FROM ${live(this.name)} ${where}`;
    const [row] = await rowsOf<{ readonly count: number }>(executor, sql);
    return row?.count ?? 0;
  }

  /** `clause` is what follows FROM. */
  async select(
    executor: Executor,
    clause: string,
    parameters: readonly SqlValue[],
  ): Promise<readonly V[]> {
    const sql = `SELECT value FROM ${live(this.name)} ${clause}`;
    const rows = await rowsOf<{ readonly value: string }>(executor, sql, parameters);
    return rows.map(({ value }) => JSON.parse(value) as V);
  }

  /** The next entries behind a key, by key; none when there are no more. */
  async entriesAfter(
    executor: Executor,
    after: K | undefined,
  ): Promise<readonly (readonly [K, V])[]> {
    const rows = await rowsOf<{ readonly entry_key: Buffer; readonly value: string }>(
      executor,
      `SELECT entry_key, value FROM ${live(this.name)}
       WHERE entry_key ${after === undefined ? '>=' : '>'} ?
       ORDER BY entry_key LIMIT ${entriesChunk}`,
      [after ?? ''],
    );
    return rows.map(({ entry_key, value }) => [entry_key.toString() as K, JSON.parse(value) as V]);
  }

  #json(key: K, value: V): string {
    const json = JSON.stringify(value);
    if (json.length * 3 <= maxValueBytes || Buffer.byteLength(json) <= maxValueBytes) return json;
    const message = `the value of '${key}' has more than ${maxValueBytes} bytes`;
    throw new SinkError('SINK_REJECTED', message);
  }
}

export interface NewestFirst {
  /** Begins with what `conditions` fix; then the time, then the key. */
  readonly index: string;
  readonly conditions: readonly string[];
  readonly parameters: readonly SqlValue[];
  /** The column of the time. */
  readonly time: string;
  readonly after: readonly [time: number, key: string] | undefined;
  readonly limit: number;
}

/**
 * What follows FROM for the newest rows by a time and then by key, behind a cursor.
 *
 * MariaDB reads a long list from its beginning unless it must use the index, and both do when the pair
 * is compared as a row, which would say it shorter.
 */
export function newestFirst({ index, conditions, parameters, time, after, limit }: NewestFirst): {
  readonly clause: string;
  readonly parameters: readonly SqlValue[];
} {
  const behind = after === undefined ? [] : [`${time} <= ?`, `(${time} < ? OR entry_key < ?)`];
  const all = [...conditions, ...behind];
  const where = all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
  return {
    clause: `FORCE INDEX (${index}) ${where} ORDER BY ${time} DESC, entry_key DESC LIMIT ?`,
    parameters: [
      ...parameters,
      ...(after === undefined ? [] : [after[0], after[0], after[1]]),
      limit + 1,
    ],
  };
}
