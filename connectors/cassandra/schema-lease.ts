/**
 * One process at a time changes the schema of a keyspace: two that create a table at once, by two
 * nodes, can make two tables of one name, of which one is lost with what was written to it.
 *
 * The table of the lease itself needs none: its id is given, so that all who create it create the same.
 */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CassandraClient } from './cassandra-client.ts';

/** Longer than the longest change of a schema: a holder that died is waited for so long. */
const leaseSeconds = 90;
const pollMs = 100;
const row = 'views';

/** A way to change the schema that only the holder of the lease has. */
export interface SchemaLease {
  /** @throws Error when the lease was lost: somebody else changes the schema. */
  define(statement: string): Promise<void>;
  /** What the last migration made; 0 before the first. */
  version(): Promise<number>;
  setVersion(version: number): Promise<void>;
}

export async function createLeaseTable(client: CassandraClient): Promise<void> {
  await client.define(
    `CREATE TABLE IF NOT EXISTS ${leaseTable(client)} (name text PRIMARY KEY, version int, holder text)
     WITH ID = ${idOf(leaseTable(client))}`,
  );
}

/** Waits until nobody else holds the lease, then works. */
export async function withSchemaLease<T>(
  client: CassandraClient,
  work: (lease: SchemaLease) => Promise<T>,
): Promise<T> {
  const holder = randomUUID();
  while (!(await take(client, holder, null))) await sleep(pollMs);
  try {
    return await work(leaseOf(client, holder));
  } finally {
    const query = `UPDATE ${leaseTable(client)} SET holder = NULL WHERE name = ? IF holder = ?`;
    await client.writeIf([{ query, params: [row, holder] }]);
  }
}

/** 0 when nothing was ever migrated. @throws the driver's error when the keyspace or table is missing. */
export async function schemaVersion(client: CassandraClient): Promise<number> {
  const query = `SELECT version FROM ${leaseTable(client)} WHERE name = ?`;
  const [found] = await client.read(query, [row], { serial: true, timeoutMs: 5_000 });
  return (found?.['version'] as number | null | undefined) ?? 0;
}

function leaseOf(client: CassandraClient, holder: string): SchemaLease {
  return {
    async define(statement) {
      if (!(await take(client, holder, holder))) {
        throw new Error('another process changes the schema of the views: try again');
      }
      await client.define(statement);
    },
    version: () => schemaVersion(client),
    async setVersion(version) {
      const query = `UPDATE ${leaseTable(client)} SET version = ? WHERE name = ? IF holder = ?`;
      if (await client.writeIf([{ query, params: [version, row, holder] }])) return;
      throw new Error('another process changes the schema of the views: try again');
    },
  };
}

/** From nobody, or once more from oneself. */
function take(client: CassandraClient, holder: string, from: string | null): Promise<boolean> {
  const query =
    `UPDATE ${leaseTable(client)} USING TTL ${leaseSeconds} SET holder = ? WHERE name = ? ` +
    'IF holder = ?';
  return client.writeIf([{ query, params: [holder, row, from] }]);
}

function leaseTable({ keyspace }: CassandraClient): string {
  return `${keyspace}.millrace_schema`;
}

/** The same for the same name, everywhere. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  const [a, b, c, d, e] = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `${a}-${b}-${c}-${d}-${e}`;
}
