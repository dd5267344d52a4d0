/** Makes the keyspace and tables of the views, and says whether they are there. */
import { CassandraClient, type CassandraOptions } from './cassandra-client.ts';
import { isMissingTable } from './cassandra-errors.ts';
import { orderHistoryName } from './order-history.ts';
import { orderTables } from './order-tables.ts';
import { recommendationsName, recommendationTables } from './recommendations.ts';
import {
  createLeaseTable,
  type SchemaLease,
  schemaVersion,
  withSchemaLease,
} from './schema-lease.ts';
import { registerTable, ViewRegister } from './view-register.ts';
import { createTables, type ViewTables, writeMarks } from './view-tables.ts';

export const archivalConfirmationsName = 'archival-confirmations';

export interface MigrateCassandraOptions extends CassandraOptions {
  /**
   * Replicas by datacenter, for a keyspace that is not there yet.
   *
   * @defaultValue three in the local datacenter
   */
  readonly replicas?: Readonly<Record<string, number>> | undefined;
}

type Migration = (lease: SchemaLease, client: CassandraClient) => Promise<void>;

/** What each version adds to the one before; never changed once released. */
const migrations: readonly Migration[] = [createFirstTables, markTables];

/** Safe to do twice, and by several processes at once. */
export async function migrateCassandra(options: MigrateCassandraOptions): Promise<void> {
  const client = await CassandraClient.open(options);
  try {
    await createKeyspace(client, options);
    await createLeaseTable(client);
    await withSchemaLease(client, async (lease) => {
      const version = await lease.version();
      refuseNewer(version, client);
      for (let next = version; next < migrations.length; next += 1) {
        await migrations[next]?.(lease, client);
        await lease.setVersion(next + 1);
      }
    });
  } finally {
    await client.close();
  }
}

/** @throws Error that says what to do when the tables are not those of this program. */
export async function requireMigrated(client: CassandraClient): Promise<void> {
  const version = await versionOf(client);
  refuseNewer(version, client);
  if (version === migrations.length) return;
  throw new Error(
    `the views in keyspace '${client.keyspace}' are of version ${version}, and this program needs ` +
      `version ${migrations.length}: run \`millrace migrate\``,
  );
}

async function versionOf(client: CassandraClient): Promise<number> {
  try {
    return await schemaVersion(client);
  } catch (error) {
    if (isMissingTable(error)) return 0;
    throw error;
  }
}

function refuseNewer(version: number, { keyspace }: CassandraClient): void {
  if (version <= migrations.length) return;
  throw new Error(
    `the views in keyspace '${keyspace}' are of version ${version}, made by a newer \`millrace migrate\`; ` +
      `this program knows version ${migrations.length}: use the newer one`,
  );
}

async function createKeyspace(
  client: CassandraClient,
  { localDataCenter, replicas = { [localDataCenter]: 3 } }: MigrateCassandraOptions,
): Promise<void> {
  const replication = Object.entries({ class: 'NetworkTopologyStrategy', ...replicas })
    .map(([name, value]) => `${quoted(name)}: ${quoted(String(value))}`)
    .join(', ');
  await client.define(
    `CREATE KEYSPACE IF NOT EXISTS ${client.keyspace} WITH replication = {${replication}}`,
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function createFirstTables(lease: SchemaLease, client: CassandraClient): Promise<void> {
  await lease.define(registerTable(client.keyspace));
  const views: readonly (readonly [string, ViewTables?])[] = [
    [orderHistoryName, orderTables],
    [recommendationsName, recommendationTables],
    [archivalConfirmationsName],
  ];
  for (const [name, tables] of views) {
    if (tables !== undefined) await createTables(lease, client, tables, 1);
    await new ViewRegister(client, name).found(1);
  }
}

/** Marks what was made before there were marks. */
async function markTables(_lease: SchemaLease, client: CassandraClient): Promise<void> {
  const views = [
    [orderHistoryName, orderTables],
    [recommendationsName, recommendationTables],
  ] as const;
  for (const [name, tables] of views) {
    const { live } = await new ViewRegister(client, name).state();
    await writeMarks(client, tables, live);
  }
}
