/** The tables of one view, by generation: a copy that is built anew has tables of its own. */
import type { CassandraClient } from './cassandra-client.ts';
import type { SchemaLease } from './schema-lease.ts';
import type { ViewRegister } from './view-register.ts';

export interface ViewTables {
  /** What the tables' names begin with: `order_history` of `order_history_g3_by_id`. */
  readonly prefix: string;
  /** `CREATE TABLE IF NOT EXISTS`, one for each table. */
  readonly definitions: (keyspace: string, generation: number) => readonly string[];
}

export function tableName(
  keyspace: string,
  { prefix }: Pick<ViewTables, 'prefix'>,
  generation: number,
  suffix = '',
): string {
  return `${keyspace}.${prefix}_g${generation}${suffix}`;
}

/** Creates those that are not there. */
export async function createTables(
  lease: SchemaLease,
  keyspace: string,
  tables: ViewTables,
  generation: number,
): Promise<void> {
  for (const definition of tables.definitions(keyspace, generation)) await lease.define(definition);
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
