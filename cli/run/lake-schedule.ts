/**
 * The lake and the jobs over it, on a schedule: the lake is written often, jobs run when they are
 * due and there is something new. A failure is told and tried again at the next turn.
 */
import { join } from 'node:path';
import { allTopics } from '#schemas/all-topics';
import {
  type Recommendation,
  type RecommendationKey,
  recommendations,
} from '#schemas/recommendations';
import type { Log, SchemaRegistry } from '#streams';
import { type Job, type JobReport, type ResultStore, runJob } from '../../batch/job.ts';
import { similarItems } from '../../batch/similar-items/job.ts';
import { similarUsers } from '../../batch/similar-users/job.ts';
import { openLakeSql } from '../../connectors/lake/lake-sql.ts';
import { LakeWriter } from '../../connectors/lake/lake-writer.ts';
import type { TopicWriter } from '../../serving/topic-writer.ts';
import { tapRecords } from '../tap/tap-records.ts';

export interface LakeScheduleOptions {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly dataDirectory: string;
  readonly writer: TopicWriter;
  readonly lakeEveryMs: number;
  readonly batchEveryMs: number;
  readonly onError: (what: string, error: unknown) => void;
  readonly onReport: (report: JobReport) => void;
}

export interface LakeSchedule {
  close(): Promise<void>;
}

const jobs: readonly Job[] = [similarItems(), similarUsers()];

export async function startLake(options: LakeScheduleOptions): Promise<LakeSchedule> {
  const directory = join(options.dataDirectory, 'lake');
  const { log, registry, lakeEveryMs, batchEveryMs } = options;
  const lake = new LakeWriter({ log, registry, directory, topics: allTopics });
  await lake.open();
  let dueAtMs = Date.now() + Math.min(batchEveryMs, lakeEveryMs);

  const turn = async (): Promise<void> => {
    await lake.catchUp();
    if (Date.now() < dueAtMs) return;
    dueAtMs = Date.now() + batchEveryMs;
    for (const job of jobs) options.onReport(await runScheduled(job, directory, options));
  };
  const timer = repeat(turn, lakeEveryMs, (error) => options.onError('lake', error));
  return {
    async close() {
      await timer.stop();
      await lake.close();
    },
  };
}

async function runScheduled(
  job: Job,
  directory: string,
  options: LakeScheduleOptions,
): Promise<JobReport> {
  const sql = await openLakeSql(directory, job.reads);
  try {
    return await runJob(job, sql, resultStore(options), Date.now());
  } finally {
    sql.closeSync();
  }
}

/** The topic of results is its own memory: what a job wrote before is what stands there. */
function resultStore({ log, registry, writer }: LakeScheduleOptions): ResultStore {
  return {
    async keysOf(job) {
      const latest = new Map<RecommendationKey, Recommendation | null>();
      const records = tapRecords(log, registry, {
        topic: recommendations.name,
        from: 'earliest',
        follow: false,
        signal: new AbortController().signal,
      });
      for await (const { key, value } of records)
        latest.set(key as RecommendationKey, value as Recommendation | null);
      return [...latest].filter(([, value]) => value?.job === job).map(([key]) => key);
    },
    publish: (results) =>
      writer.append(
        recommendations,
        results.map(([key, value]) => ({ key, value })),
      ),
  };
}

/** One turn after the other, never two at once; `stop` waits for the one that is running. */
function repeat(
  turn: () => Promise<void>,
  everyMs: number,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  let running = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const next = (): void => {
    timer = setTimeout(() => {
      running = turn()
        .catch(onError)
        .finally(() => {
          if (!stopped) next();
        });
    }, everyMs);
  };
  next();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
