/** The tables of one view, by generation: a copy that is built anew has tables of its own. */

import { ViewError } from '../views/view.ts';
import type { CassandraClient, Statement } from './cassandra-client.ts';
import { isMissingTable } from './cassandra-errors.ts';
import type { SchemaLease } from './schema-lease.ts';
import type { ViewRegister } from './view-register.ts';

export interface ViewTables {
  /** What the tables' names begin with: `order_history` of `order_history_g3_by_id`. */
  readonly prefix: string;
  /** `CREATE TABLE IF NOT EXISTS`, one for each table. */
  readonly definitions: (keyspace: string, generation: number) => readonly string[];
  /** A row of each table that stands for no entry. A table without it was emptied. */
  readonly marks: (keyspace: string, generation: number) => readonly Mark[];
}

export interface Mark {
  readonly table: string;
  /** By column: the primary key, and what else makes it a row that nobody sees. */
  readonly key: Readonly<Record<string, string | number | bigint>>;
  readonly value?: Readonly<Record<string, string>>;
}

/** No id of anything else begins like this. */
export const markName = '\u0000millrace';

function writeOf({ table, key, value }: Mark): Statement {
  const row = { ...key, ...value };
  const names = Object.keys(row);
  return {
    query:
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ` +
      'USING TIMESTAMP 1',
    params: Object.values(row),
  };
}

async function isThere(client: CassandraClient, { table, key }: Mark): Promise<boolean> {
  const [name] = Object.keys(key);
  const where = Object.keys(key).map((column) => `${column} = ?`);
  const query = `SELECT ${name} FROM ${table} WHERE ${where.join(' AND ')}`;
  return (await client.read(query, Object.values(key))).length > 0;
}

export async function writeMarks(
  client: CassandraClient,
  { marks }: ViewTables,
  generation: number,
): Promise<void> {
  for (const mark of marks(client.keyspace, generation)) {
    const { query, params } = writeOf(mark);
    await client.write(query, params);
  }
}

/** Whether the tables of a generation are there, and none of them was emptied. */
export async function areWhole(
  client: CassandraClient,
  { marks }: ViewTables,
  generation: number,
): Promise<boolean> {
  const all = marks(client.keyspace, generation);
  try {
    const there = await Promise.all(all.map((mark) => isThere(client, mark)));
    return there.every(Boolean);
  } catch (error) {
    if (isMissingTable(error)) return false;
    throw error;
  }
}

/** For who found nothing: that nothing was there to be found. @throws ViewError `VIEW_UNAVAILABLE` */
export async function requireWhole(
  client: CassandraClient,
  { prefix, marks }: ViewTables,
  generation: number,
): Promise<void> {
  for (const mark of marks(client.keyspace, generation)) {
    if (await isThere(client, mark)) continue;
    const message = `${prefix}: ${mark.table} was emptied, and is built anew from the log`;
    throw new ViewError('VIEW_UNAVAILABLE', message);
  }
}

/** Who reads them hears that there are none, and not that they have nothing. */
export async function dropTables(
  lease: SchemaLease,
  client: CassandraClient,
  { marks }: ViewTables,
  generation: number,
): Promise<void> {
  for (const { table } of marks(client.keyspace, generation)) {
    await lease.define(`DROP TABLE IF EXISTS ${table}`);
  }
}

export function tableName(
  keyspace: string,
  { prefix }: Pick<ViewTables, 'prefix'>,
  generation: number,
  suffix = '',
): string {
  return `${keyspace}.${prefix}_g${generation}${suffix}`;
}

/** Creates those that are not there, each with its mark. */
export async function createTables(
  lease: SchemaLease,
  client: CassandraClient,
  tables: ViewTables,
  generation: number,
): Promise<void> {
  for (const definition of tables.definitions(client.keyspace, generation)) {
    await lease.define(definition);
  }
  await writeMarks(client, tables, generation);
}

/** Drops the tables and positions of every generation but the live one and the copy under way. */
export async function dropOldTables(
  lease: SchemaLease,
  client: CassandraClient,
  register: ViewRegister,
  tables: ViewTables,
): Promise<void> {
  const state = await register.state();
  const isOld = (generation: number) => generation !== state.live && generation !== state.copy;
  const old = new Set(state.positions.map(({ generation }) => generation).filter(isOld));
  for (const { name, generation } of await existingTables(client, tables)) {
    if (!isOld(generation)) continue;
    old.add(generation);
    await lease.define(`DROP TABLE IF EXISTS ${client.keyspace}.${name}`);
  }
  await register.forget([...old], state);
}

async function existingTables(client: CassandraClient, { prefix }: ViewTables) {
  const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?';
  const rows = await client.read(query, [client.keyspace], { timeoutMs: 10_000 });
  const pattern = new RegExp(`^${prefix}_g(\\d+)(_|$)`);
  return rows.flatMap((row) => {
    const name = row['table_name'] as string;
    const generation = pattern.exec(name)?.[1];
    return generation === undefined ? [] : [{ name, generation: Number(generation) }];
  });
}
