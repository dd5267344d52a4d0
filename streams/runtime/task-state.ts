/**
 * The local state of one task, and how far it has its changelogs.
 *
 * A position never says more than is true. When a task begins, its state has each changelog up to
 * the end. From then on only the task writes to it: whoever wrote in its place would have the task's
 * partitions, and then this member's commits are refused. A commit of n records moves the end by n at
 * least; markers of transactions and what was aborted move it further. So position + n is at most the
 * new end, and whatever lies before it is in the state. What lies between is read again, which
 * changes nothing: a record of a changelog is the whole value of its key.
 *
 * That what is read again stays little, the task looks at the ends now and then, between two
 * commits. What it sees counts once the next commit has been accepted: that proves that nobody else
 * had written when it looked.
 */
import type { Log, StateWrite } from '../log/log.ts';
import type { LocalTaskStorage } from '../state/local-state.ts';
import type { StoreSpec } from '../topology/topology.ts';
import { completeAtWrite } from './stored-stream-time.ts';
import type { TaskCommit } from './task-commit.ts';

/** The changelog of a store: a topic, of which a task has its own partition. */
export interface Changelog {
  readonly store: StoreSpec;
  readonly topic: string;
}

/** At most so many markers are read again after a crash. */
const commitsBetweenLooks = 1_000;

export class TaskState {
  readonly taskId: string;
  readonly partition: number;
  readonly storage: LocalTaskStorage;
  readonly changelogs: readonly Changelog[];
  readonly #log: Log;
  #commits = 0;
  #seenEnds: ReadonlyMap<string, bigint> = new Map();

  constructor(options: {
    readonly taskId: string;
    readonly partition: number;
    readonly storage: LocalTaskStorage;
    readonly changelogs: readonly Changelog[];
    readonly log: Log;
  }) {
    this.taskId = options.taskId;
    this.partition = options.partition;
    this.storage = options.storage;
    this.changelogs = options.changelogs;
    this.#log = options.log;
  }

  /** The log has the commit: now the state gets it. The task begins no other commit meanwhile. */
  async committed(
    { writes, changelog }: Pick<TaskCommit, 'writes' | 'changelog'>,
    nowMs: number,
  ): Promise<void> {
    if (writes.length + changelog.length === 0) return;
    const complete: StateWrite = completeAtWrite(nowMs);
    await this.storage.apply([...writes, complete], this.#positionsAfter(changelog));
    this.#commits += 1;
    const isDue = this.#commits % commitsBetweenLooks === 0;
    // Who cannot look reads a little more after a crash; the commit itself has succeeded.
    this.#seenEnds = isDue ? await this.ends().catch(() => new Map()) : new Map();
  }

  /** Notes that it has everything, without a commit to say so. */
  isCompleteAt(nowMs: number): Promise<void> {
    return this.storage.apply([completeAtWrite(nowMs)], new Map());
  }

  /** Where its changelogs end now. */
  async ends(): Promise<Map<string, bigint>> {
    const ends = this.changelogs.map(async ({ topic }) => {
      const { offsets } = await this.#log.describeTopic(topic);
      return [topic, offsets[this.partition]?.end ?? 0n] as const;
    });
    return new Map(await Promise.all(ends));
  }

  /** From the first offset to the last of its changelogs, all together: what a copy reads at most. */
  async span(): Promise<bigint> {
    const spans = this.changelogs.map(async ({ topic }) => {
      const { offsets } = await this.#log.describeTopic(topic);
      const { beginning, end } = offsets[this.partition] ?? { beginning: 0n, end: 0n };
      return end - beginning;
    });
    return (await Promise.all(spans)).reduce((sum, span) => sum + span, 0n);
  }

  #positionsAfter(changelog: TaskCommit['changelog']): Map<string, bigint> {
    const positions = new Map(this.#seenEnds);
    for (const [topic, held] of this.storage.positions) {
      const seen = positions.get(topic) ?? 0n;
      if (held > seen) positions.set(topic, held);
    }
    for (const { topic } of changelog) positions.set(topic, (positions.get(topic) ?? 0n) + 1n);
    return positions;
  }
}
