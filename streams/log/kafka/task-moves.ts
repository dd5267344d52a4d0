/**
 * How tasks come to a member of a group and go from it, so that nobody waits while state is copied.
 *
 *   the one that loses a task                     the one that gets it
 *   revoked ─▶ keeps it, notes that, goes on      assigned ─▶ reads the note, copies the state
 *                  │                                              │
 *                  └─ commits its last, takes the note away ◀─────┴─ says that it is ready
 *                                     └──────────────▶ begins behind that commit
 *
 * @see docs/decisions/0016-warm-moves.md
 */
import { StreamsError } from '../../errors.ts';
import type { RebalanceListener, TopicPartition } from '../log.ts';
import { nameOf } from '../partition-name.ts';
import { ComingTasks } from './coming-tasks.ts';
import type { GroupCommits } from './group-commits.ts';
import { membersOf } from './group-members.ts';
import { type CommittedOffset, fence } from './group-offsets.ts';
import type { KafkaClients } from './kafka-clients.ts';
import type { KafkaTopics } from './kafka-topics.ts';
import { KeptTasks } from './kept-tasks.ts';
import type { RoutedRecord } from './record-router.ts';
import { inputsOf, type TaskLayout } from './task-layout.ts';

export interface TaskMovesOptions {
  readonly clients: KafkaClients;
  readonly kafkaTopics: KafkaTopics;
  readonly groupId: string;
  readonly layout: TaskLayout;
  readonly memberName: string;
  readonly processName?: string;
  readonly listener: RebalanceListener;
  readonly warmupTimeoutMs?: number;
}

/** What the member does for it. */
export interface MovingMember {
  readonly commits: GroupCommits;
  readonly isClosing: () => boolean;
  /** Does something between two rebalances, in its turn. */
  readonly inTurn: (work: () => Promise<void>) => void;
  /** Offsets of the group, once they are certain; `holdersAt`: where it stands who may hinder that. */
  readonly committed: (
    partitions: readonly TopicPartition[],
    holdersAt: readonly TopicPartition[],
  ) => Promise<readonly (CommittedOffset | undefined)[]>;
  /**
   * Takes tasks for its own, and answers what begins work on them. Nobody keeps `unkept` of them any
   * more, though it stands beside them.
   */
  readonly claim: (
    tasks: readonly number[],
    unkept: readonly number[],
  ) => Promise<() => Promise<void>>;
  /** Ends work on tasks, with their last commit. */
  readonly giveUp: (tasks: readonly number[]) => Promise<void>;
}

/** Between two tries of what may pass by itself, and two looks at tasks that move. */
const lookAgainMs = 100;

/** A keeper has been told: from its last commit on nobody works on the task. */
const lookSoonMs = 20;

const defaultWarmupTimeoutMs = 600_000;

export class TaskMoves {
  readonly #options: TaskMovesOptions;
  readonly #member: MovingMember;
  readonly #coming: ComingTasks;
  readonly #kept: KeptTasks;
  #told = '';
  #lookingAgain: NodeJS.Timeout | undefined;

  constructor(options: TaskMovesOptions, member: MovingMember) {
    this.#options = options;
    this.#member = member;
    const { clients, groupId, memberName, processName, kafkaTopics, warmupTimeoutMs } = options;
    const { commits, inTurn, giveUp } = member;
    const notes = (tasks: readonly number[]) => this.#notes(tasks);
    const members = () => membersOf(clients, groupId);
    this.#coming = new ComingTasks({
      ...{ memberName, processName, notes, members },
      transactionalId: commits.transactionalId,
      fence: (transactionalId) => fence(clients, transactionalId),
      announce: (tasks) => commits.append(this.#besideOf(tasks).map(readyRecord)),
    });
    this.#kept = new KeptTasks({
      ...{ commits, notes, inTurn },
      timeoutMs: warmupTimeoutMs ?? defaultWarmupTimeoutMs,
      everyMs: lookAgainMs,
      ends: (tasks) =>
        kafkaTopics.offsets(this.#besideOf(tasks).map((one) => ({ ...one, at: 'settled' }))),
      memberId: async () => (await members()).find(({ name }) => name === memberName)?.memberId,
      due: async (task) => {
        await giveUp([task]);
        await this.#kept.letGo(task);
      },
      troubled: (error) => clients.tellTrouble(error),
    });
  }

  /** In a turn. Begins those that nobody keeps; the others later. */
  async assigned(tasks: readonly number[]): Promise<void> {
    const back = tasks.filter((task) => this.#kept.has(task));
    for (const task of back) await this.#kept.letGo(task);
    this.#coming.add(tasks.filter((task) => !back.includes(task)));
    await this.#beginComing();
  }

  /** In a turn, before the group is answered. Gives up those that this member does not go on with. */
  async revoked(tasks: readonly number[]): Promise<void> {
    const begun = this.#begun(tasks);
    const kept = await this.#keep(begun);
    await this.#member.giveUp(begun.filter((task) => !kept.includes(task)));
    await this.#tellComing();
  }

  /** In a turn. Answers what this member has worked on until now: others have it already. */
  async lost(tasks: readonly number[]): Promise<readonly number[]> {
    const lost = [...this.#begun(tasks), ...this.#kept.tasks];
    this.#kept.lose();
    this.#member.commits.forgetNotes();
    await this.#tellComing();
    return lost;
  }

  /** Whoever keeps the tasks that read these partitions may let go of them. */
  ready(partitions: readonly TopicPartition[]): void {
    const names = new Set(partitions.map(nameOf));
    const isReady = (task: number) => this.#inputsOf([task]).some((it) => names.has(nameOf(it)));
    this.#coming.ready(this.#coming.kept.filter(isReady));
    this.#member.inTurn(() => this.#beginComing());
  }

  /** Nothing is committed any more but that nobody keeps what this member kept. */
  async close(): Promise<void> {
    clearTimeout(this.#lookingAgain);
    await this.#kept.close();
  }

  /**
   * What fails while a broker is away, or the transaction of a dead member is not decided, is tried
   * again, as what others keep is looked at again. Other rebalances have their turn in between.
   */
  async #beginComing(): Promise<void> {
    const { claim, inTurn, isClosing } = this.#member;
    if (this.#coming.size === 0 || isClosing()) return;
    try {
      const { free, unkept } = await this.#coming.look();
      if (free.length > 0) {
        const begin = await claim(free, unkept);
        for (const task of free) this.#coming.delete(task);
        await begin();
      }
      await this.#tellComing();
      await this.#announce();
    } catch (error) {
      if (!(error instanceof StreamsError && error.retryable)) throw error;
      this.#options.clients.tellTrouble(error);
    }
    if (this.#coming.size === 0) return;
    this.#lookingAgain ??= setTimeout(
      () => {
        this.#lookingAgain = undefined;
        inTurn(() => this.#beginComing());
      },
      this.#coming.isAwaited ? lookSoonMs : lookAgainMs,
    ).unref();
  }

  /** A keeper that is not told lets go later. */
  async #announce(): Promise<void> {
    try {
      await this.#coming.announce();
    } catch (error) {
      const isFenced = error instanceof StreamsError && error.code === 'STREAMS_TASK_MIGRATED';
      if (isFenced) throw error;
      this.#options.clients.tellTrouble(error);
    }
  }

  /** What the listener is to copy beforehand, when that is not what it was told before. */
  async #tellComing(): Promise<void> {
    const inputs = this.#inputsOf(this.#coming.kept);
    const names = inputs.map(nameOf).join();
    if (names === this.#told) return;
    this.#told = names;
    await this.#options.listener.onComing?.(inputs);
  }

  /** Those of the tasks that this member goes on with, though the group gives them to others. */
  async #keep(tasks: readonly number[]): Promise<readonly number[]> {
    const { listener, clients } = this.#options;
    if (tasks.length === 0 || listener.keeps === undefined) return [];
    try {
      const wanted = new Set((await listener.keeps(this.#inputsOf(tasks))).map(nameOf));
      const kept = tasks.filter((task) =>
        this.#inputsOf([task]).every((input) => wanted.has(nameOf(input))),
      );
      if (kept.length === 0 || this.#member.isClosing()) return [];
      await this.#kept.keep(kept);
      return kept;
    } catch (error) {
      clients.tellTrouble(error); // Then they go at once, as if nobody had wanted to keep them.
      return [];
    }
  }

  /** Those of the tasks that have begun; the others do not come any more. */
  #begun(tasks: readonly number[]): readonly number[] {
    return tasks.filter((task) => !this.#coming.delete(task));
  }

  async #notes(tasks: readonly number[]): Promise<readonly (string | undefined)[]> {
    const beside = this.#besideOf(tasks);
    const found = await this.#member.committed(beside, [...beside, ...this.#inputsOf(tasks)]);
    return found.map((one) => one?.holder);
  }

  #besideOf(tasks: readonly number[]): TopicPartition[] {
    return tasks.map((partition) => ({ topic: this.#options.layout.topic, partition }));
  }

  #inputsOf(tasks: readonly number[]): TopicPartition[] {
    return inputsOf(this.#options.layout, tasks);
  }
}

/** Its content is for whoever looks at the topic by hand: keepers look at where the partition ends. */
function readyRecord({ topic, partition }: TopicPartition): RoutedRecord {
  const value = Buffer.from('ready');
  const record = { topic, key: null, value, timestampMs: Date.now(), headers: [] };
  return { topic, partition, record };
}
