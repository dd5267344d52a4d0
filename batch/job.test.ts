/**
 * The jobs on a lake small enough to check by hand. Ann and Ben both bought tea and milk; Ben and
 * Cid both bought milk and bread; Dee bought tea alone, and cancelled nothing that counts.
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Recommendation, RecommendationKey } from '#schemas/recommendations';
import { type Job, type ResultStore, runJob } from './job.ts';
import { similarItems } from './similar-items/job.ts';
import { similarUsers } from './similar-users/job.ts';

const orders: readonly (readonly [status: string, userId: string, skus: readonly string[]])[] = [
  ['placed', 'ann', ['tea', 'milk']],
  ['placed', 'ben', ['tea', 'milk', 'bread']],
  ['placed', 'cid', ['milk', 'bread']],
  ['placed', 'cid', ['milk']],
  ['placed', 'dee', ['tea']],
  ['expired', 'dee', ['bread', 'milk']],
];

async function lakeOf(rows: typeof orders): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('CREATE TABLE orders_events ("timestamp" TIMESTAMP_MS, "value" JSON)');
  for (const [index, [status, userId, skus]] of rows.entries()) {
    const value = JSON.stringify({ status, userId, skus });
    await connection.run(
      'INSERT INTO orders_events VALUES (epoch_ms($at::BIGINT)::TIMESTAMP_MS, $value)',
      {
        at: index * 1_000,
        value,
      },
    );
  }
  return connection;
}

class HeldResults implements ResultStore {
  readonly held = new Map<RecommendationKey, Recommendation>();

  async keysOf(job: string): Promise<readonly RecommendationKey[]> {
    return [...this.held.values()].filter((held) => held.job === job).map(({ key }) => key);
  }

  async publish(
    results: readonly (readonly [RecommendationKey, Recommendation | null])[],
  ): Promise<void> {
    for (const [key, value] of results)
      if (value) this.held.set(key, value);
      else this.held.delete(key);
  }
}

async function resultsOf(job: Job, rows = orders): Promise<Record<string, [string, number][]>> {
  const store = new HeldResults();
  await runJob(job, await lakeOf(rows), store, 1_000);
  return Object.fromEntries(
    [...store.held].map(([key, { items }]) => [key, items.map((i) => [i.itemId, i.score])]),
  );
}

test('items are similar when the same people bought them, by cosine', async () => {
  // Buyers: tea 3 (ann, ben, dee), milk 3 (ann, ben, cid), bread 2 (ben, cid).
  expect(await resultsOf(similarItems())).toEqual({
    'item:tea': [['milk', 0.666667]], // 2 / sqrt(3 * 3); tea and bread have one buyer in common
    'item:milk': [
      ['bread', 0.816497], // 2 / sqrt(3 * 2)
      ['tea', 0.666667],
    ],
    'item:bread': [['milk', 0.816497]],
  });
});

test('a pair needs as many people as asked for', async () => {
  expect(await resultsOf(similarItems({ minimumBuyers: 3 }))).toEqual({});
});

test('a person is shown what people with the same taste bought and she did not', async () => {
  // ann-ben 2/sqrt(2*3), ann-cid 1/sqrt(2*2); ben has everything; dee shares tea with ann and ben.
  expect(await resultsOf(similarUsers())).toEqual({
    'user:ann': [['bread', 1.316497]],
    'user:cid': [['tea', 1.316497]],
    'user:dee': [
      ['milk', 1.284457], // by ann 1/sqrt(1*2), by ben 1/sqrt(1*3)
      ['bread', 0.57735],
    ],
  });
});

test('an order that was not placed says nothing', async () => {
  expect(await resultsOf(similarItems({ minimumBuyers: 1 }), orders.slice(5))).toEqual({});
});

test('what a job no longer finds is deleted, and other jobs are left alone', async () => {
  const store = new HeldResults();
  await runJob(similarUsers(), await lakeOf(orders), store, 1_000);
  await runJob(similarItems(), await lakeOf(orders), store, 1_000);
  const report = await runJob(similarItems(), await lakeOf(orders.slice(0, 2)), store, 2_000);
  expect(report).toEqual({ job: 'similar-items', rows: 2, published: 2, deleted: 1 });
  expect([...store.held.keys()].sort()).toEqual([
    'item:milk',
    'item:tea',
    'user:ann',
    'user:cid',
    'user:dee',
  ]);
});
