/** What an application has done and how far behind it is. Counters since `start`; see `metrics()`. */
import type { CommitMetrics } from './commit-meter.ts';
import type { NodeMetrics } from './compiled-nodes.ts';
import type { StateMetrics } from './local-states.ts';
import type { OwnedTask } from './owned-tasks.ts';
import type { StandbyReport } from './standby-tasks.ts';
import type { CacheMetrics } from './stream-task-options.ts';
import type { RestoreProgress } from './task-restorer.ts';

export interface TaskReport {
  readonly taskId: string;
  /** Input records taken. */
  readonly processed: number;
  /** Records that the log holds behind the task's position, as of the last poll. */
  readonly lag: bigint;
  /** Records that wait in memory. */
  readonly buffered: number;
  readonly deadLetters: number;
  /** Input records that retention removed before the task had read them. Should be 0. */
  readonly lostRecords: bigint;
  readonly streamTimeMs: number;
  /**
   * How long the task has had records to process and taken none, in milliseconds; 0 when it has
   * nothing to do. A task that is wedged shows here.
   */
  readonly stalledMs: number;
  readonly operators: readonly {
    readonly name: string;
    readonly recordsIn: number;
    /** By reason. */
    readonly dropped: Readonly<Record<string, number>>;
  }[];
  /** Of each table whose updates may be held back: what came in and what went out. */
  readonly caches: readonly CacheMetrics[];
}

export interface ApplicationMetrics {
  readonly tasks: readonly TaskReport[];
  readonly commits: CommitMetrics;
  /** Records read from changelogs to restore state, since `start`. */
  readonly restoredRecords: number;
  /** Their keys and values. */
  readonly restoredBytes: number;
  /** Tasks that are being restored now. */
  readonly restoring: readonly RestoreReport[];
  /** Copies of the states of other members' tasks. */
  readonly standbys: readonly StandbyReport[];
  /** Times that a standby had to begin again. */
  readonly standbyFailures: number;
}

export interface RestoreReport extends RestoreProgress {
  /** Since restoring the task began. */
  readonly recordsPerSecond: number;
}

export function stateReport(metrics: StateMetrics): Omit<ApplicationMetrics, 'tasks' | 'commits'> {
  const restoring = metrics.restoring.map((progress) => {
    const { restoredRecords, elapsedMs } = progress;
    return {
      ...progress,
      recordsPerSecond: elapsedMs > 0 ? restoredRecords / (elapsedMs / 1_000) : 0,
    };
  });
  return { ...metrics, restoring };
}

export function taskReport(owned: OwnedTask, nowMs: number): TaskReport {
  const { task, processed, progressMs, lostRecords } = owned;
  const { nodes, deadLetters, streamTimeMs, lag, caches } = task.metrics;
  const buffered = task.buffered();
  return {
    taskId: task.taskId,
    processed,
    lag,
    buffered,
    deadLetters,
    lostRecords,
    streamTimeMs,
    stalledMs: lag > 0n ? Math.max(0, nowMs - progressMs) : 0,
    operators: nodes.map(operatorReport),
    caches,
  };
}

function operatorReport({ node, recordsIn, dropped }: NodeMetrics) {
  return { name: node, recordsIn, dropped: Object.fromEntries(dropped) };
}
