/**
 * Tasks that the group has given to somebody else and that this member goes on with until that one has
 * a copy of their state.
 *
 *   revoked ──keep──▶ kept, and noted beside the task ──▶ let go: the note is gone, the other one begins
 *                        └─ until its successor is ready, or it has taken too long
 *
 * The successor says that it is ready by a record in the task's own partition, which nobody reads: its
 * end moves, and that is what is watched.
 *
 * @see docs/decisions/0016-warm-moves.md
 */
import { performance } from 'node:perf_hooks';
import type { GroupCommits } from './group-commits.ts';
import { keeperIn, keeperNote } from './task-notes.ts';

export interface KeptTasksOptions {
  readonly commits: Pick<GroupCommits, 'note' | 'transactionalId'>;
  /** Where the partitions of tasks end. */
  readonly ends: (tasks: readonly number[]) => Promise<readonly bigint[]>;
  /** What stands beside tasks, once that is certain. */
  readonly notes: (tasks: readonly number[]) => Promise<readonly (string | undefined)[]>;
  /** The coordinator's id of this member; `undefined`: it is none. */
  readonly memberId: () => Promise<string | undefined>;
  /** A task is kept no longer than this, in milliseconds. */
  readonly timeoutMs: number;
  /** Between two looks whether successors are ready. */
  readonly everyMs: number;
  /** Does something between two rebalances, in its turn. */
  readonly inTurn: (work: () => Promise<void>) => void;
  /** Ends work on a task, with its last commit. `letGo` follows. */
  readonly due: (task: number) => Promise<void>;
  readonly troubled: (error: unknown) => void;
}

interface Kept {
  /** Where the partition of the task ended before its successor knew of it. */
  readonly end: bigint;
  readonly sinceMs: number;
}

export class KeptTasks {
  readonly #options: KeptTasksOptions;
  readonly #kept = new Map<number, Kept>();
  /** Not kept, and yet it may stand beside them. */
  readonly #doubtful = new Set<number>();
  #note: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: KeptTasksOptions) {
    this.#options = options;
  }

  has(task: number): boolean {
    return this.#kept.has(task);
  }

  get tasks(): readonly number[] {
    return [...this.#kept.keys()];
  }

  /** In a turn, before the group hears that they are given up. Fails as a whole: none is kept then. */
  async keep(tasks: readonly number[]): Promise<void> {
    const { commits, ends, memberId } = this.#options;
    const [found, id] = await Promise.all([ends(tasks), memberId()]);
    if (id === undefined) throw new Error('this member is not in its group');
    const { transactionalId } = commits;
    this.#note = keeperNote({ memberId: id, transactionalId });
    for (const task of tasks) this.#doubtful.add(task);
    this.#watch();
    await commits.note(tasks, this.#note);
    const sinceMs = performance.now();
    tasks.forEach((task, i) => {
      this.#doubtful.delete(task);
      this.#kept.set(task, { end: found[i] ?? 0n, sinceMs });
    });
  }

  /**
   * In a turn, when the member has ended work on the task, or has been given it again: now another one
   * may begin. What fails is tried again later.
   */
  async letGo(task: number): Promise<void> {
    if (!this.#kept.delete(task)) return;
    this.#doubtful.add(task);
    try {
      await this.#options.commits.note([task], undefined);
      this.#doubtful.delete(task);
    } catch (error) {
      this.#options.troubled(error);
    }
  }

  /** They are others' already. */
  lose(): void {
    this.#kept.clear();
    this.#doubtful.clear();
  }

  /** Nothing more is committed for them: others may have them at once. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const { tasks } = this;
    if (tasks.length === 0) return;
    this.lose();
    await this.#options.commits.note(tasks, undefined).catch(this.#options.troubled);
  }

  #watch(): void {
    if (this.#timer !== undefined || this.#closed) return;
    const look = () => this.#look().catch(this.#options.troubled);
    this.#timer = setTimeout(() => {
      void look().finally(() => {
        this.#timer = undefined;
        if (this.#kept.size + this.#doubtful.size > 0) this.#watch();
      });
    }, this.#options.everyMs).unref();
  }

  async #look(): Promise<void> {
    const { inTurn, due, timeoutMs, ends } = this.#options;
    if (this.#doubtful.size > 0) inTurn(() => this.#clear().catch(this.#options.troubled));
    const kept = [...this.#kept];
    if (kept.length === 0) return;
    const isLate = ({ sinceMs }: Kept) => performance.now() - sinceMs >= timeoutMs;
    const now = await ends(kept.map(([task]) => task));
    kept.forEach(([task, one], i) => {
      if ((now[i] ?? 0n) <= one.end && !isLate(one)) return;
      inTurn(async () => {
        if (this.#kept.get(task) === one) await due(task);
      });
    });
  }

  /** Only what is certainly this member's own: a successor may have noted something since. */
  async #clear(): Promise<void> {
    const { commits, notes } = this.#options;
    const tasks = [...this.#doubtful];
    const own = this.#note === undefined ? undefined : keeperIn(this.#note);
    const found = await notes(tasks);
    const stale = tasks.filter((_, i) => keeperIn(found[i] ?? '')?.memberId === own?.memberId);
    if (stale.length > 0) await commits.note(stale, undefined);
    for (const task of tasks) this.#doubtful.delete(task);
  }
}
