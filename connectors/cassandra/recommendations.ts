/** Recommendations on Cassandra: the latest value of each key. */
import type { Recommendation, RecommendationKey } from '#schemas/recommendations';
import { AppliedSignal } from '../applied-signal.ts';
import type { OneWriter, Rebuildable } from '../views/rebuild.ts';
import type { RecommendationsView } from '../views/recommendations-view.ts';
import type { StoredView } from '../views/shop-views.ts';
import type { CassandraClient } from './cassandra-client.ts';
import { readWithin } from './cassandra-errors.ts';
import { deleted, documentOf, isKey, parsed, refusalOf } from './documents.ts';
import { entriesOf } from './entries.ts';
import { inParallel } from './in-parallel.ts';
import { LiveReads } from './live-reads.ts';
import { rebuildable } from './rebuildable.ts';
import { ViewRegister } from './view-register.ts';
import { markName, tableName, type ViewTables } from './view-tables.ts';
import { type RowWriter, viewWriter } from './view-writer.ts';

export const recommendationsName = 'recommendations';

export type CassandraRecommendations = StoredView<
  RecommendationsView,
  RecommendationKey,
  Recommendation
> &
  Rebuildable<OneWriter<RecommendationKey, Recommendation>>;

const concurrency = 128;

export const recommendationTables: ViewTables = {
  prefix: 'recommendations',
  definitions: (keyspace, generation) => [
    `CREATE TABLE IF NOT EXISTS ${nameOf(keyspace, generation)} (key text PRIMARY KEY, value text)`,
  ],
  marks: (keyspace, generation) => [
    { table: nameOf(keyspace, generation), key: { key: markName }, value: { value: deleted } },
  ],
};

function nameOf(keyspace: string, generation: number): string {
  return tableName(keyspace, { prefix: 'recommendations' }, generation);
}

/** `readLimitMs`: after which a read has failed. */
export function recommendations(
  client: CassandraClient,
  readLimitMs: number,
): CassandraRecommendations {
  const name = recommendationsName;
  const register = new ViewRegister(client, name);
  const signal = new AppliedSignal();
  const live = new LiveReads(register);
  const table = (generation: number) => nameOf(client.keyspace, generation);
  const writerOf = (generation?: number) =>
    viewWriter({
      register,
      rows: recommendationRows(client),
      signal: generation === undefined ? signal : new AppliedSignal(),
      ...(generation === undefined ? {} : { generation }),
    });

  return {
    reader: {
      onApplied: (listener) => signal.onApplied(listener),
      get: async (key) => {
        if (!isKey(key)) return undefined;
        const read = async (generation: number) => {
          const query = `SELECT value FROM ${table(generation)} WHERE key = ?`;
          const [row] = await client.read(query, [key]);
          return parsed<Recommendation>(row?.['value']);
        };
        return readWithin(readLimitMs, name, () => live.read(read));
      },
    },
    writer: writerOf(),
    entries: () => entriesOf<RecommendationKey, Recommendation>(client, register, table, 'key'),
    ...rebuildable({ client, register, tables: recommendationTables, signal, writerOf }),
  };
}

/** Nobody counts them, so nothing has to be read before they are written. */
function recommendationRows(client: CassandraClient): RowWriter<RecommendationKey, Recommendation> {
  return {
    refusal: refusalOf,
    async write(generation, advances, deadline) {
      const table = nameOf(client.keyspace, generation);
      const query = `INSERT INTO ${table} (key, value) VALUES (?, ?) USING TIMESTAMP ?`;
      // The last of each key: a key is in one partition.
      const latest = new Map(
        advances.flatMap(({ changes }) => changes.map((change) => [change.key, change] as const)),
      );
      await inParallel([...latest.values()], { concurrency, deadline }, ({ key, value, offset }) =>
        client.write(query, [key, documentOf(value), offset + 1n]),
      );
      return advances.map(() => 0);
    },
  };
}
