/**
 * A member of a consumer group that processes and commits exactly once.
 *
 *   membership (the group's consumer) ─ tasks come and go ─▶ fetcher (a consumer of its own) ─▶ poll
 *        └─ its generation fences ─▶ transactions ◀─ commit
 *
 * Two consumers, so that a rebalance never disturbs the reading of the tasks that stay.
 */
import { performance } from 'node:perf_hooks';
import { StreamsError } from '../../errors.ts';
import type {
  GroupMember,
  GroupOptions,
  GroupPeer,
  LogCommit,
  PollOptions,
  RecordBatch,
  TopicPartition,
} from '../log.ts';
import { nameOf } from '../partition-name.ts';
import { ReadingStopped } from './client-seek.ts';
import { GroupCommits } from './group-commits.ts';
import { membersOf } from './group-members.ts';
import { GroupMembership } from './group-membership.ts';
import { type CommittedOffset, committedOffsets } from './group-offsets.ts';
import { disconnect, type KafkaClients } from './kafka-clients.ts';
import { isNameTaken, migrated } from './kafka-errors.ts';
import { checkedStarts } from './kafka-reader.ts';
import type { KafkaTopics } from './kafka-topics.ts';
import type { NativeConsumer, NativeSettings } from './native-client.ts';
import { PartitionFetcher } from './partition-fetcher.ts';
import { RecordPurge } from './record-purge.ts';
import type { RoutedRecord } from './record-router.ts';
import { stickyHeirs } from './sticky-heirs.ts';
import { inputsOf, type TaskLayout } from './task-layout.ts';
import { TaskMoves } from './task-moves.ts';
import type { TopicWatch } from './topic-watch.ts';
import { type TopicsInUse, topicsInUse } from './topics-in-use.ts';

export interface KafkaMemberOptions extends GroupOptions {
  readonly clients: KafkaClients;
  readonly kafkaTopics: KafkaTopics;
  readonly topicWatch: TopicWatch;
  readonly layout: TaskLayout;
  /** Names this member to the others; survives a restart when it is static. */
  readonly memberName: string;
  readonly isStatic: boolean;
  readonly membershipSettings: NativeSettings;
  readonly rebalanceTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  readonly commitTimeoutMs: number;
  readonly route: (records: LogCommit['outputs']) => readonly RoutedRecord[];
  readonly whenClosed: (member: KafkaMember) => void;
}

export class KafkaMember implements GroupMember {
  readonly #options: KafkaMemberOptions;
  readonly #membership: GroupMembership;
  readonly #commits: GroupCommits;
  readonly #moves: TaskMoves;
  readonly #topicsInUse: TopicsInUse;
  readonly #purge: RecordPurge;
  /** The inputs of tasks that it may commit, by name, each with its task. */
  readonly #owned = new Map<string, number>();
  #consumer: NativeConsumer | undefined;
  #fetcher: PartitionFetcher | undefined;
  #polling = 0;
  #polledMs = performance.now();
  #failure: unknown;
  #fenced: StreamsError | undefined;
  #isNameTaken = false;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaMemberOptions) {
    this.#options = options;
    const { clients, groupId, kafkaTopics, layout } = options;
    this.#commits = this.#newCommits();
    this.#moves = new TaskMoves(options, {
      commits: this.#commits,
      isClosing: () => this.#closing !== undefined,
      inTurn: (work) => this.#membership.inTurn(work),
      committed: (partitions, holdersAt) => this.#committed(partitions, holdersAt),
      claim: (tasks, unkept) => this.#claim(tasks, unkept),
      giveUp: (tasks) => this.#giveUp(tasks),
    });
    this.#topicsInUse = topicsInUse({
      ...{ clients, kafkaTopics, commits: this.#commits },
      reads: [...options.topics, layout.topic],
      onUnusable: (error) => this.#fail(error),
    });
    this.#purge = new RecordPurge(clients.admins);
    this.#membership = new GroupMembership({
      clients,
      groupId,
      topic: layout.topic,
      settings: options.membershipSettings,
      isAlive: () => this.isAlive,
      listener: {
        onAssigned: (tasks) => this.#moves.assigned(tasks),
        onRevoked: (tasks) => this.#moves.revoked(tasks),
        onLost: (tasks) => this.#lost(tasks),
        onFailure: (error) => this.#fail(error),
      },
    });
  }

  async join(): Promise<void> {
    const { clients, groupId } = this.#options;
    await this.#commits.open();
    this.#consumer = await clients.reader(groupId, () => this.#fetcher?.signal());
    this.#fetcher = new PartitionFetcher(this.#consumer);
    await this.#membership.join();
    this.#options.topicWatch.add(this.#topicsInUse);
  }

  async poll(options: PollOptions): Promise<readonly RecordBatch[]> {
    this.#throwFailure();
    if (this.#closing !== undefined) {
      throw new StreamsError('STREAMS_LOG_CLOSED', 'the member has left its group');
    }
    this.#polling += 1;
    try {
      const untilMs = performance.now() + options.maxWaitMs;
      await this.#membership.settled;
      this.#throwFailure();
      const maxWaitMs = Math.max(0, untilMs - performance.now());
      const batches = await this.#fetched({ ...options, maxWaitMs });
      if (batches.length === 0) this.#throwFailure();
      return batches;
    } finally {
      this.#polling -= 1;
      this.#polledMs = performance.now();
    }
  }

  /** With a client that has stopped reading this member is of no use: another one goes on. */
  async #fetched(options: PollOptions): Promise<readonly RecordBatch[]> {
    try {
      return (await this.#fetcher?.poll(options)) ?? [];
    } catch (error) {
      if (error instanceof ReadingStopped) throw migrated(error.message, error);
      throw await this.#topicsInUse.explained(error);
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#fetcher?.pause(partitions);
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#fetcher?.resume(partitions);
  }

  seek(partition: TopicPartition, offset: bigint): void {
    if (this.#owned.has(nameOf(partition))) this.#fetcher?.assign([{ ...partition, offset }]);
  }

  async commit(commit: LogCommit): Promise<void> {
    const { outputs, purge = [] } = commit;
    const records = this.#options.route(outputs);
    const task = this.#checkMayCommit(commit);
    this.#topicsInUse.writes(records);
    try {
      await this.#commits.commit(records, commit.offsets, task);
    } catch (error) {
      this.#isNameTaken ||= isNameTaken(error);
      const check = () => void this.#options.route(outputs);
      throw await this.#topicsInUse.explained(error, check);
    }
    this.#purge.add(purge);
  }

  async peers(): Promise<readonly GroupPeer[]> {
    const { clients, groupId, layout, memberName, isStatic } = this.#options;
    const members = (await membersOf(clients, groupId)).map((member) => {
      const own = member.partitions.filter(({ topic }) => topic === layout.topic);
      return { ...member, tasks: own.map(({ partition }) => partition) };
    });
    const heirs = [...stickyHeirs(members, layout.tasks.length)];
    return members.map(({ memberId: id, name, processName, tasks }) => {
      const inherited = heirs.flatMap(([task, heir]) => (heir === id ? [task] : []));
      return {
        memberId: name,
        ...(isStatic ? { instanceId: name } : {}),
        ...(processName === undefined ? {} : { processName }),
        isSelf: name === memberName,
        partitions: this.#inputsOf(tasks),
        inherits: this.#inputsOf(inherited),
      };
    });
  }

  ready(partitions: readonly TopicPartition[]): void {
    this.#moves.ready(partitions);
  }

  get isAlive(): boolean {
    const idleMs = performance.now() - this.#polledMs;
    return this.#polling > 0 || idleMs < this.#options.rebalanceTimeoutMs;
  }

  /** Whether another member goes by its name: to take it back would begin a fight without end. */
  get isNameTaken(): boolean {
    return this.#isNameTaken;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#options.topicWatch.remove(this.#topicsInUse);
    await this.#fetcher?.close();
    await this.#moves.close();
    await this.#commits.close();
    await this.#membership.close();
    await this.#purge.close();
    await disconnect(this.#consumer);
    this.#owned.clear();
    this.#options.whenClosed(this);
  }

  async #claim(tasks: readonly number[], unkept: readonly number[]): Promise<() => Promise<void>> {
    const inputs = this.#inputsOf(tasks);
    const { kafkaTopics, startFrom, listener } = this.#options;
    const committed = await this.#committed(inputs);
    const at = startFrom === 'earliest' ? 'beginning' : 'settled';
    const fresh = inputs.filter((_, i) => committed[i] === undefined);
    const defaults = [...(await kafkaTopics.offsets(fresh.map((input) => ({ ...input, at }))))];
    const starts = inputs.map((input, i) => ({
      ...input,
      offset: committed[i]?.offset ?? (defaults.shift() as bigint),
    }));
    // What retention removed before is the runtime's to tell, which looks at the bounds itself.
    const checked = (await checkedStarts(kafkaTopics, starts)).map(
      ({ topic, partition, offset }) => ({ topic, partition, offset }),
    );
    const { transactionalId } = this.#commits;
    const notOurs = starts.filter((_, i) => committed[i]?.holder !== transactionalId);
    await this.#commits.claim(notOurs, unkept);
    return async () => {
      for (const task of tasks) {
        for (const input of this.#inputsOf([task])) this.#owned.set(nameOf(input), task);
      }
      await listener.onAssigned(inputs);
      if (this.#closing === undefined) this.#fetcher?.assign(checked);
    };
  }

  /** Whoever is given them next goes on behind the last commit that was made of them here. */
  async #giveUp(tasks: readonly number[]): Promise<void> {
    const inputs = this.#inputsOf(tasks);
    try {
      if (inputs.length > 0) await this.#options.listener.onRevoked(inputs);
    } finally {
      // Else a batch of the old generation could be committed under the new one.
      await this.#commits.idle();
      this.#forget(tasks);
    }
  }

  async #lost(tasks: readonly number[]): Promise<void> {
    const lost = await this.#moves.lost(tasks);
    if (lost.length === 0) return;
    this.#forget(lost);
    const { listener } = this.#options;
    const inputs = this.#inputsOf(lost);
    await (listener.onLost?.(inputs) ?? listener.onRevoked(inputs));
  }

  #committed(
    partitions: readonly TopicPartition[],
    holdersAt = partitions,
  ): Promise<readonly (CommittedOffset | undefined)[]> {
    const { clients, groupId } = this.#options;
    const consumer = this.#consumer as NativeConsumer;
    const living = async () => {
      const members = await membersOf(clients, groupId);
      return new Set(members.map(({ name }) => transactionalIdOf(groupId, name)));
    };
    return committedOffsets({ clients, groupId, partitions, holdersAt, consumer, living });
  }

  #newCommits(): GroupCommits {
    const { groupId, layout, memberName } = this.#options;
    return new GroupCommits({
      ...this.#options,
      transactionalId: transactionalIdOf(groupId, memberName),
      tasksTopic: layout.topic,
      consumer: () => this.#membership.consumer,
      committed: (partitions) => this.#committed(partitions),
      isClosing: () => this.#closing !== undefined,
      fenced: (error) => {
        this.#fenced = error;
        this.#fetcher?.wake();
      },
    });
  }

  #forget(tasks: readonly number[]): void {
    const inputs = this.#inputsOf(tasks);
    this.#fetcher?.unassign(inputs);
    for (const input of inputs) this.#owned.delete(nameOf(input));
  }

  #inputsOf(tasks: readonly number[]): TopicPartition[] {
    return inputsOf(this.#options.layout, tasks);
  }

  /** Answers one of the tasks that this member has. */
  #checkMayCommit({ offsets }: LogCommit): number {
    if (this.#fenced !== undefined) throw this.#fenced;
    const { groupId } = this.#options;
    if (this.#closing !== undefined) throw migrated(`this member has left group '${groupId}'`);
    const foreign = offsets.filter((offset) => !this.#owned.has(nameOf(offset)));
    const [task] = this.#owned.values();
    if (foreign.length === 0 && task !== undefined) return task;
    const names = foreign.map(nameOf).join(', ') || 'all tasks';
    throw migrated(`${names} of group '${groupId}' belong to another member now`);
  }

  #fail(error: unknown): void {
    this.#isNameTaken ||= isNameTaken(error);
    this.#failure ??= error;
    this.#fetcher?.wake();
  }

  #throwFailure(): void {
    if (this.#fenced !== undefined) throw this.#fenced;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

function transactionalIdOf(groupId: string, memberName: string): string {
  return `${groupId}-${memberName}`;
}
