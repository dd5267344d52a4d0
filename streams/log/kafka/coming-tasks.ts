/**
 * Tasks that the group has given to this member and that it has not begun. One that another member
 * keeps begins when that one has let go of it; it does so when it has seen that this one is ready.
 *
 * Nobody else commits for a task that is free: whoever had it has let go of it in a transaction behind
 * its last one, or never kept it, or is fenced.
 *
 * @see docs/decisions/0016-warm-moves.md
 */
import type { KnownMember } from './group-members.ts';
import { type Keeper, keeperIn } from './task-notes.ts';

export interface ComingTasksOptions {
  /** What stands beside tasks, once that is certain. */
  readonly notes: (tasks: readonly number[]) => Promise<readonly (string | undefined)[]>;
  readonly members: () => Promise<readonly KnownMember[]>;
  /** Stops the commits of whoever uses the id, for good; fails unless that is certain. */
  readonly fence: (transactionalId: string) => Promise<void>;
  /** Tells the keepers of tasks that this member is ready for them. */
  readonly announce: (tasks: readonly number[]) => Promise<void>;
  readonly transactionalId: string;
  readonly memberName: string;
  readonly processName: string | undefined;
}

interface Coming {
  isKept: boolean;
  isReady: boolean;
  isAnnounced: boolean;
}

export interface FreeTasks {
  readonly free: readonly number[];
  /** Of those, the ones beside which the note of a keeper stands that is none any more. */
  readonly unkept: readonly number[];
}

export class ComingTasks {
  readonly #options: ComingTasksOptions;
  readonly #coming = new Map<number, Coming>();

  constructor(options: ComingTasksOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#coming.size;
  }

  /** Those that others keep, as of the last look. */
  get kept(): readonly number[] {
    return [...this.#coming].flatMap(([task, { isKept }]) => (isKept ? [task] : []));
  }

  /** Whether a keeper has been told that it may let go, and has not yet. */
  get isAwaited(): boolean {
    return [...this.#coming.values()].some(({ isKept, isAnnounced }) => isKept && isAnnounced);
  }

  add(tasks: readonly number[]): void {
    for (const task of tasks) {
      this.#coming.set(task, { isKept: false, isReady: false, isAnnounced: false });
    }
  }

  /** It has begun, or went to somebody else. Answers whether it was coming. */
  delete(task: number): boolean {
    return this.#coming.delete(task);
  }

  /** The state of these is here, as good as. */
  ready(tasks: readonly number[]): void {
    for (const task of tasks) {
      const coming = this.#coming.get(task);
      if (coming !== undefined) coming.isReady = true;
    }
  }

  /** Tells their keepers of those that have become ready. */
  async announce(): Promise<void> {
    const ready = [...this.#coming].filter(
      ([, { isKept, isReady, isAnnounced }]) => isKept && isReady && !isAnnounced,
    );
    if (ready.length === 0) return;
    await this.#options.announce(ready.map(([task]) => task));
    for (const [, coming] of ready) coming.isAnnounced = true;
  }

  /**
   * Finds out which of them may begin.
   *
   * @throws StreamsError, retryable, when that cannot be told now.
   */
  async look(): Promise<FreeTasks> {
    const tasks = [...this.#coming.keys()];
    const notes = await this.#options.notes(tasks);
    const keepers = new Map<number, Keeper>();
    tasks.forEach((task, i) => {
      const keeper = keeperIn(notes[i] ?? '');
      if (keeper !== undefined) keepers.set(task, keeper);
    });
    const present = await this.#presentOf(keepers);
    const unkept: number[] = [];
    for (const [task, coming] of this.#coming) {
      const keeper = keepers.get(task);
      const member = present.find(({ memberId }) => memberId === keeper?.memberId);
      coming.isKept = member !== undefined;
      if (keeper !== undefined && member === undefined) unkept.push(task);
      // What it would copy is in the same directory, and cannot be opened before the keeper closes it.
      const { processName } = this.#options;
      if (processName !== undefined && member?.processName === processName) coming.isReady = true;
    }
    await this.#fence(unkept.map((task) => keepers.get(task) as Keeper));
    return { free: tasks.filter((task) => this.#coming.get(task)?.isKept === false), unkept };
  }

  /** Those of the keepers that are in the group, other than this member itself. */
  async #presentOf(keepers: ReadonlyMap<number, Keeper>): Promise<readonly KnownMember[]> {
    if (keepers.size === 0) return [];
    const { members, memberName } = this.#options;
    return (await members()).filter(({ name }) => name !== memberName);
  }

  /** Only then it is certain that they commit nothing more, whatever the group thinks of them. */
  async #fence(keepers: readonly Keeper[]): Promise<void> {
    const ids = new Set(keepers.map(({ transactionalId }) => transactionalId));
    ids.delete(this.#options.transactionalId); // Its own was fenced when its producer was opened.
    await Promise.all([...ids].map((id) => this.#options.fence(id)));
  }
}
