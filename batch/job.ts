/**
 * A batch job: one SQL query over the lake, and what its rows become in the log. The result is
 * keyed and replaces what the job said before; a key that the job no longer finds is deleted.
 */
import { readFileSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Recommendation, RecommendationKey } from '#schemas/recommendations';

export type Row = Readonly<Record<string, unknown>>;

export interface Job {
  readonly name: string;
  /** Topics whose views the query reads. */
  readonly reads: readonly string[];
  readonly sql: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Rows arrive in the order of the query. */
  readonly results: (rows: readonly Row[], computedAtMs: number) => readonly Recommendation[];
}

/** Where results go and what was there before: the log, lent by whoever runs the job. */
export interface ResultStore {
  /** Keys whose latest result this job wrote. */
  keysOf(job: string): Promise<readonly RecommendationKey[]>;
  /** `null` deletes a key. All or nothing, durable when it resolves. */
  publish(
    results: readonly (readonly [key: RecommendationKey, value: Recommendation | null])[],
  ): Promise<void>;
}

export interface JobReport {
  readonly job: string;
  readonly rows: number;
  readonly published: number;
  readonly deleted: number;
}

export function queryBeside(moduleUrl: string): string {
  return readFileSync(new URL('./query.sql', moduleUrl), 'utf8');
}

export async function runJob(
  job: Job,
  lake: DuckDBConnection,
  store: ResultStore,
  computedAtMs: number,
): Promise<JobReport> {
  const reader = await lake.runAndReadAll(job.sql, { ...job.parameters });
  const rows = reader.getRowObjectsJS();
  const results = job.results(rows, computedAtMs);
  const found = new Set<string>(results.map(({ key }) => key));
  const gone = (await store.keysOf(job.name)).filter((key) => !found.has(key));
  await store.publish([
    ...results.map((result) => [result.key, result] as const),
    ...gone.map((key) => [key, null] as const),
  ]);
  return { job: job.name, rows: rows.length, published: results.length, deleted: gone.length };
}
