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
import { ReadingStopped } from './client-seek.ts';
import { membersOf } from './group-members.ts';
import { GroupMembership } from './group-membership.ts';
import { type CommittedOffset, committedOffsets } from './group-offsets.ts';
import { disconnect, type KafkaClients } from './kafka-clients.ts';
import { kafkaError, migrated } from './kafka-errors.ts';
import { checkedStarts } from './kafka-reader.ts';
import type { KafkaTopics } from './kafka-topics.ts';
import { answer, type NativeConsumer, type NativeSettings } from './native-client.ts';
import { PartitionFetcher } from './partition-fetcher.ts';
import type { RoutedRecord } from './record-router.ts';
import type { TaskLayout } from './task-layout.ts';
import { type TopicsInUse, topicsInUse } from './topics-in-use.ts';
import { TransactionalProducer, UnknownOutcome } from './transactional-producer.ts';

export interface KafkaMemberOptions extends GroupOptions {
  readonly clients: KafkaClients;
  readonly kafkaTopics: KafkaTopics;
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

/** Between two tries of what may pass by itself. */
const tryAgainMs = 100;

export class KafkaMember implements GroupMember {
  readonly #options: KafkaMemberOptions;
  readonly #membership: GroupMembership;
  readonly #producer: TransactionalProducer;
  readonly #topicsInUse: TopicsInUse;
  /** Tasks that this member was given and cannot begin yet. */
  readonly #coming = new Set<number>();
  readonly #owned = new Map<string, TopicPartition>();
  #ownedTask = 0;
  #consumer: NativeConsumer | undefined;
  #fetcher: PartitionFetcher | undefined;
  #polling = 0;
  #polledMs = performance.now();
  #failure: unknown;
  #fenced: StreamsError | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaMemberOptions) {
    this.#options = options;
    const { clients, groupId, kafkaTopics, layout, memberName } = options;
    this.#producer = new TransactionalProducer({
      clients,
      transactionalId: transactionalIdOf(groupId, memberName),
      transactionTimeoutMs: options.transactionTimeoutMs,
      callTimeoutMs: options.commitTimeoutMs,
    });
    this.#topicsInUse = topicsInUse({
      ...{
        clients,
        kafkaTopics,
        producer: this.#producer,
        reads: [...options.topics, layout.topic],
      },
      onUnusable: (error) => this.#fail(error),
    });
    this.#membership = new GroupMembership({
      clients,
      groupId,
      topic: layout.topic,
      settings: options.membershipSettings,
      isAlive: () => this.isAlive,
      listener: {
        onAssigned: (tasks) => this.#assigned(tasks),
        onRevoked: (tasks) => this.#revoked(tasks),
        onLost: (tasks) => this.#lost(tasks),
        onFailure: (error) => this.#fail(error),
      },
    });
  }

  async join(): Promise<void> {
    const { clients, groupId } = this.#options;
    await this.#producer.open();
    this.#consumer = await clients.reader(groupId, () => this.#fetcher?.signal());
    this.#fetcher = new PartitionFetcher(this.#consumer);
    await this.#membership.join();
    this.#topicsInUse.watch();
  }

  async poll(options: PollOptions): Promise<readonly RecordBatch[]> {
    this.#throwFailure();
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
    this.#checkMayCommit(commit);
    this.#topicsInUse.writes(records);
    const offsets = this.#offsetsOf(commit.offsets);
    try {
      await this.#producer.commit(records, { consumer: this.#membership.consumer, offsets });
    } catch (error) {
      if (error instanceof UnknownOutcome) await this.#findOutcome(offsets, error);
      else {
        const check = () => void this.#options.route(outputs);
        throw this.#refused(await this.#topicsInUse.explained(error, check));
      }
    }
    if (purge.length > 0) await this.#purge(purge);
  }

  async peers(): Promise<readonly GroupPeer[]> {
    const { clients, groupId, layout, memberName, isStatic } = this.#options;
    const members = await membersOf(clients, groupId);
    return members.map(({ name, processName, partitions: assigned }) => {
      const partitions = assigned
        .filter(({ topic }) => topic === layout.topic)
        .flatMap(({ partition }) => layout.tasks[partition] ?? []);
      const named = {
        ...(isStatic ? { instanceId: name } : {}),
        ...(processName === undefined ? {} : { processName }),
      };
      return { memberId: name, ...named, isSelf: name === memberName, partitions };
    });
  }

  get isAlive(): boolean {
    const idleMs = performance.now() - this.#polledMs;
    return this.#polling > 0 || idleMs < this.#options.rebalanceTimeoutMs;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#topicsInUse.close();
    await this.#fetcher?.close();
    await this.#producer.close();
    await this.#membership.close();
    await disconnect(this.#consumer);
    this.#owned.clear();
    this.#options.whenClosed(this);
  }

  async #assigned(tasks: readonly number[]): Promise<void> {
    for (const task of tasks) this.#coming.add(task);
    await this.#beginComing();
  }

  /**
   * What fails while a broker is away, or the transaction of a dead member is not decided, is tried
   * again. Other rebalances have their turn in between.
   */
  async #beginComing(): Promise<void> {
    const tasks = [...this.#coming];
    if (tasks.length === 0 || this.#closing !== undefined) return;
    try {
      await this.#begin(tasks);
    } catch (error) {
      if (!(error instanceof StreamsError && error.retryable)) throw error;
      this.#options.clients.tellTrouble(error);
      const again = () => this.#membership.inTurn(() => this.#beginComing());
      setTimeout(again, tryAgainMs).unref();
    }
  }

  async #begin(tasks: readonly number[]): Promise<void> {
    const inputs = this.#inputsOf(tasks);
    const { kafkaTopics, startFrom, listener } = this.#options;
    const committed = await this.#committed(inputs);
    const at = startFrom === 'earliest' ? 'beginning' : 'settled';
    const defaults = await kafkaTopics.offsets(inputs.map((input) => ({ ...input, at })));
    const starts = inputs.map((input, i) => ({
      ...input,
      offset: committed[i]?.offset ?? (defaults[i] as bigint),
    }));
    // What retention removed before is the runtime's to tell, which looks at the bounds itself.
    const checked = (await checkedStarts(kafkaTopics, starts)).map(
      ({ topic, partition, offset }) => ({ topic, partition, offset }),
    );
    const { transactionalId } = this.#producer;
    await this.#claim(starts.filter((_, i) => committed[i]?.holder !== transactionalId));
    for (const input of inputs) this.#owned.set(nameOf(input), input);
    this.#ownedTask = tasks[0] ?? this.#ownedTask;
    for (const task of tasks) this.#coming.delete(task);
    await listener.onAssigned(inputs);
    if (this.#closing === undefined) this.#fetcher?.assign(checked);
  }

  /**
   * Commits where it begins. Should this member die in its first transaction, its successors know
   * by the offsets whose it is.
   */
  async #claim(starts: LogCommit['offsets']): Promise<void> {
    if (starts.length === 0) return;
    const group = { consumer: this.#membership.consumer, offsets: this.#offsetsOf(starts) };
    try {
      await this.#producer.commit([], group);
    } catch (error) {
      if (!(error instanceof UnknownOutcome)) throw this.#refused(error);
      throw kafkaError('cannot commit where to begin', error.cause);
    }
  }

  async #revoked(tasks: readonly number[]): Promise<void> {
    const inputs = this.#begun(tasks);
    try {
      if (inputs.length > 0) await this.#options.listener.onRevoked(inputs);
    } finally {
      // Else a batch of the old generation could be committed under the new one.
      await this.#producer.idle();
      this.#forget(inputs);
    }
  }

  async #lost(tasks: readonly number[]): Promise<void> {
    const inputs = this.#begun(tasks);
    if (inputs.length === 0) return;
    this.#forget(inputs);
    const { listener } = this.#options;
    await (listener.onLost?.(inputs) ?? listener.onRevoked(inputs));
  }

  /** The inputs of tasks that go; those that had not come yet do not come any more. */
  #begun(tasks: readonly number[]): TopicPartition[] {
    return this.#inputsOf(tasks.filter((task) => !this.#coming.delete(task)));
  }

  #committed(
    partitions: readonly TopicPartition[],
  ): Promise<readonly (CommittedOffset | undefined)[]> {
    const { clients, groupId } = this.#options;
    const consumer = this.#consumer as NativeConsumer;
    const living = async () => {
      const members = await membersOf(clients, groupId);
      return new Set(members.map(({ name }) => transactionalIdOf(groupId, name)));
    };
    return committedOffsets({ clients, groupId, partitions, consumer, living });
  }

  #forget(inputs: readonly TopicPartition[]): void {
    this.#fetcher?.unassign(inputs);
    for (const input of inputs) this.#owned.delete(nameOf(input));
  }

  #inputsOf(tasks: readonly number[]): TopicPartition[] {
    return tasks.flatMap((task) => this.#options.layout.tasks[task] ?? []);
  }

  #offsetsOf(offsets: LogCommit['offsets']) {
    const metadata = this.#producer.transactionalId;
    const named = offsets.map(({ topic, partition, offset }) => {
      return { topic, partition, offset: Number(offset), metadata };
    });
    if (named.length > 0) return named;
    // By an offset it can be told afterwards whether the commit was made.
    const { topic } = this.#options.layout;
    return [{ topic, partition: this.#ownedTask, offset: Date.now(), metadata }];
  }

  #checkMayCommit({ offsets }: LogCommit): void {
    if (this.#fenced !== undefined) throw this.#fenced;
    const { groupId } = this.#options;
    if (this.#closing !== undefined) throw migrated(`this member has left group '${groupId}'`);
    const foreign = offsets.filter((offset) => !this.#owned.has(nameOf(offset)));
    if (foreign.length === 0) return;
    const names = foreign.map(nameOf).join(', ');
    throw migrated(`${names} of group '${groupId}' belong to another member now`);
  }

  /**
   * The transaction has ended, one way or the other: the group's offsets tell which. Until they can
   * be read nothing else is right: what was committed would be done again.
   */
  async #findOutcome(
    offsets: readonly (TopicPartition & { offset: number })[],
    unknown: UnknownOutcome,
  ): Promise<void> {
    const committed = await this.#certainly(() => this.#committed(offsets));
    const isThere = offsets.every(({ offset }, i) => committed[i]?.offset === BigInt(offset));
    if (!isThere) throw kafkaError('nothing was committed', unknown.cause);
  }

  /** However long it takes: who takes a commit for failed that was made does its work twice. */
  async #certainly<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const passes = error instanceof StreamsError && error.retryable;
        if (!passes || this.#closing !== undefined) throw error;
        this.#options.clients.tellTrouble(error);
        await new Promise((resolve) => setTimeout(resolve, tryAgainMs));
      }
    }
  }

  #refused(error: unknown): unknown {
    if (error instanceof StreamsError && error.code === 'STREAMS_TASK_MIGRATED') {
      this.#fenced = error;
      this.#fetcher?.wake();
    }
    return error;
  }

  /** What is not purged now is purged with the next. */
  async #purge(purge: NonNullable<LogCommit['purge']>): Promise<void> {
    const offsets = purge.map(({ topic, partition, beforeOffset }) => {
      return { topic, partition, offset: Number(beforeOffset) };
    });
    const { admin } = this.#options.clients;
    await answer((callback) => admin.deleteRecords(offsets, { timeout: 10_000 }, callback)).catch(
      () => undefined,
    );
  }

  #fail(error: unknown): void {
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

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
