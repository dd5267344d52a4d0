/** The numbers of an application whose tasks are spread over threads. */
import type { ApplicationMetrics, TaskReport } from '../runtime/application-metrics.ts';
import { CommitMeter, type CommitMetrics } from '../runtime/commit-meter.ts';
import { reportEveryMs } from './thread-calls.ts';

export interface TimedMetrics extends ApplicationMetrics {
  /** How long ago the thread told them, in milliseconds. */
  readonly ageMs: number;
}

export function combinedMetrics(threads: readonly TimedMetrics[]): ApplicationMetrics {
  return {
    tasks: threads
      .flatMap(({ tasks, ageMs }) => tasks.map((task) => agedTask(task, ageMs)))
      .sort((a, b) => a.taskId.localeCompare(b.taskId, 'en', { numeric: true })),
    commits: threads.map(({ commits }) => commits).reduce(added, new CommitMeter().metrics),
    restoredRecords: threads.reduce((sum, { restoredRecords }) => sum + restoredRecords, 0),
    restoredBytes: threads.reduce((sum, { restoredBytes }) => sum + restoredBytes, 0),
    restoring: threads.flatMap(({ restoring }) => restoring),
    standbys: threads.flatMap(({ standbys }) => standbys),
    standbyFailures: threads.reduce((sum, { standbyFailures }) => sum + standbyFailures, 0),
  };
}

/** A thread that is stuck does not tell so: its tasks stall from when it should have told something. */
function agedTask(task: TaskReport, ageMs: number): TaskReport {
  const silentMs = Math.max(0, ageMs - reportEveryMs);
  if (task.lag === 0n || silentMs === 0) return task;
  return { ...task, stalledMs: task.stalledMs + silentMs };
}

function added(a: CommitMetrics, b: CommitMetrics): CommitMetrics {
  const commits = a.commits + b.commits;
  const totalMs = a.meanMs * a.commits + b.meanMs * b.commits;
  const lastMs = Math.max(a.lastMs ?? Number.NEGATIVE_INFINITY, b.lastMs ?? a.lastMs ?? 0);
  return {
    commits,
    failed: a.failed + b.failed,
    records: a.records + b.records,
    meanMs: commits === 0 ? 0 : totalMs / commits,
    maxMs: Math.max(a.maxMs, b.maxMs),
    lastMs: a.lastMs === undefined && b.lastMs === undefined ? undefined : lastMs,
  };
}
