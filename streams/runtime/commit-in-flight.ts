/**
 * The commit of a thread that is on its way: at most one, while its tasks go on with what the next
 * one will cover.
 *
 *   begin ─▶ the log has it ─▶ the state storage has it ─▶ committed
 *                └─ it failed: whoever asks next is told, and takes the tasks back
 */
import { StreamsError } from '../errors.ts';
import type { GroupMember } from '../log/log.ts';
import { logCommitOf, type PurgeSchedule } from './commit.ts';
import type { CommitMeter } from './commit-meter.ts';
import type { OwnedTask } from './owned-tasks.ts';
import { isEmptyCommit, type TaskCommit } from './task-commit.ts';

export interface CommitSurroundings {
  readonly purges: PurgeSchedule;
  readonly meter: CommitMeter;
  readonly clock: () => number;
  /** Told how long the log took, before the states have the commit too. */
  readonly answered: (tookMs: number) => void;
  /** Told as soon as it is known how a commit ends. */
  readonly ended: (isDurable: boolean) => void;
}

interface Prepared {
  readonly owned: OwnedTask;
  readonly commit: TaskCommit;
}

export class CommitInFlight {
  readonly #surroundings: CommitSurroundings;
  #running: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(surroundings: CommitSurroundings) {
    this.#surroundings = surroundings;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Sends what the tasks have done so far. Only when none is on its way. */
  begin(tasks: readonly OwnedTask[], member: GroupMember): void {
    const changed: Prepared[] = [];
    for (const owned of tasks) {
      if (!owned.task.hasChanged) continue;
      const commit = owned.task.prepareCommit();
      if (isEmptyCommit(commit)) owned.task.committed();
      else changed.push({ owned, commit });
    }
    if (changed.length > 0) this.#running = this.#run(changed, member);
  }

  /** Resolves when none is on its way, however it ended: ask `takeFailure`. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** What the last commit failed with, unless somebody was told before. */
  takeFailure(): { readonly error: unknown } | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  async #run(changed: readonly Prepared[], member: GroupMember): Promise<void> {
    try {
      await this.#send(changed, member);
    } catch (error) {
      this.#failure = { error };
    }
    this.#running = undefined;
    this.#surroundings.ended(this.#failure === undefined);
  }

  async #send(changed: readonly Prepared[], member: GroupMember): Promise<void> {
    const { purges, meter, clock, answered } = this.#surroundings;
    const nowMs = clock();
    const purge = purges.due(nowMs);
    const logCommit = logCommitOf(
      changed.map(({ commit }) => commit),
      purge,
    );
    const startedMs = performance.now();
    await member.commit(logCommit);
    answered(performance.now() - startedMs);
    await Promise.all(changed.map((one) => confirm(one, nowMs)));
    purges.purged(purge, nowMs);
    purges.committed(logCommit.offsets);
    const records = changed.reduce((sum, one) => sum + one.commit.consumed, 0);
    meter.committed({ records, tookMs: performance.now() - startedMs, nowMs });
  }
}

/**
 * The log has the commit, so that there is no way back from here: state that cannot be written is no
 * reason to do the work again. The task ends, and its state is made whole from the log.
 */
async function confirm({ owned, commit }: Prepared, nowMs: number): Promise<void> {
  try {
    await owned.state?.committed(commit, nowMs);
  } catch (cause) {
    const { taskId } = owned.task;
    const message = `cannot write the local state of task ${taskId}: ${String(cause)}`;
    throw new StreamsError('STREAMS_TASK_FAILED', message, { cause });
  }
  owned.task.committed();
}
