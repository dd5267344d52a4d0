/** What an application has done and how far behind it is. Counters since `start`; see `metrics()`. */
import type { CommitMetrics } from './commit-meter.ts';
import type { NodeMetrics } from './compiled-nodes.ts';
import type { OwnedTask } from './owned-tasks.ts';
import type { RestoreProgress, TaskRestorer } from './task-restorer.ts';

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
}

export interface RestoreReport extends RestoreProgress {
  /** Since restoring the task began. */
  readonly recordsPerSecond: number;
}

export function restoreMetrics(
  restored: Pick<TaskRestorer, 'restoredRecords' | 'restoredBytes' | 'progress'> | undefined,
): Pick<ApplicationMetrics, 'restoredRecords' | 'restoredBytes' | 'restoring'> {
  const { restoredRecords = 0, restoredBytes = 0, progress = [] } = restored ?? {};
  const restoring = progress.map((one) => ({
    ...one,
    recordsPerSecond: one.elapsedMs > 0 ? (one.restoredRecords / one.elapsedMs) * 1_000 : 0,
  }));
  return { restoredRecords, restoredBytes, restoring };
}

export function taskReport(owned: OwnedTask, nowMs: number): TaskReport {
  const { task, processed, progressMs, lostRecords } = owned;
  const { nodes, deadLetters, streamTimeMs, lag } = task.metrics;
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
  };
}

function operatorReport({ node, recordsIn, dropped }: NodeMetrics) {
  return { name: node, recordsIn, dropped: Object.fromEntries(dropped) };
}
