/**
 * The Log port on Apache Kafka: exactly once by transactions that carry the group's generation.
 *
 *   joinGroup ─▶ KafkaMember: reads its tasks, commits outputs and offsets in one transaction
 *   openReader ─▶ KafkaReader: restores, taps, global tables
 *   append ─▶ KafkaAppender: commands and facts of services
 *
 * State is not Kafka's to keep: it is the task's own, and the changelogs'.
 */
import { randomUUID } from 'node:crypto';
import { StreamsError } from '../../errors.ts';
import type { RecordMetadata } from '../../record.ts';
import type {
  GroupMember,
  GroupOptions,
  Log,
  LogReader,
  ProducedRecord,
  TopicDescription,
  TopicPartition,
  TopicSpec,
} from '../log.ts';
import { loadKafkaClient } from './client-location.ts';
import { connectionSettings, type KafkaConnection } from './connection-settings.ts';
import { checkSameLayout, clientIdOf } from './group-members.ts';
import { stableOffsets } from './group-offsets.ts';
import { KafkaAppender } from './kafka-appender.ts';
import { KafkaClients } from './kafka-clients.ts';
import { kafkaError, outcomeUnknown } from './kafka-errors.ts';
import { KafkaMember } from './kafka-member.ts';
import { KafkaReader } from './kafka-reader.ts';
import { KafkaTopics } from './kafka-topics.ts';
import type { NativeClient, NativeSettings } from './native-client.ts';
import { RecordRouter, type RoutedRecord } from './record-router.ts';
import { SecondAdmin } from './second-admin.ts';
import { type TaskLayout, taskLayout } from './task-layout.ts';
import { TopicConfigs } from './topic-configs.ts';
import { TopicWatch } from './topic-watch.ts';
import { TransactionalProducer, UnknownOutcome } from './transactional-producer.ts';

export interface KafkaLogOptions extends KafkaConnection {
  /** @defaultValue `'lz4'` @see compression.type */
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /** Replicas of the topics that are created; -1: as the brokers say. @defaultValue -1 */
  readonly replicationFactor?: number;
  /**
   * After so long without a sign of life a member's tasks go to others.
   *
   * @defaultValue 10_000 @see session.timeout.ms
   */
  readonly sessionTimeoutMs?: number;
  /**
   * How long a member may take to finish its work and let go of its tasks in a rebalance; and how
   * long it may go without polling. At least `sessionTimeoutMs`.
   *
   * @defaultValue 300_000 @see max.poll.interval.ms
   */
  readonly rebalanceTimeoutMs?: number;
  /**
   * How long an append may wait for its answer; then it is not known whether it was made. While no
   * broker answers at all, appends fail at once.
   *
   * @defaultValue 10_000 @see delivery.timeout.ms
   */
  readonly appendTimeoutMs?: number;
  /**
   * After so long brokers abort the transaction of a member that nobody has succeeded. Of an append
   * that several records make it is 30 s at most, since nobody comes after its writer.
   *
   * @defaultValue 30_000 @see transaction.timeout.ms
   */
  readonly transactionTimeoutMs?: number;
  /**
   * How long a step of a commit may wait for its answer before it is tried in another way. Longer than
   * the election of a leader or coordinator. A log that is closed while no broker answers closes no
   * sooner.
   *
   * @defaultValue 30_000
   */
  readonly commitTimeoutMs?: number;
  /**
   * Names this process for good: when it comes back within `sessionTimeoutMs` it has its tasks
   * again, without a rebalance. No two processes may have the same.
   *
   * @see group.instance.id (KIP-345)
   */
  readonly instanceId?: string;
  /** Told what connections complain of while they go on trying: a broker that is away, for one. */
  readonly onTrouble?: (error: unknown) => void;
}

const defaults = {
  compression: 'lz4',
  replicationFactor: -1,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 300_000,
  appendTimeoutMs: 10_000,
  transactionTimeoutMs: 30_000,
  commitTimeoutMs: 30_000,
  onTrouble: () => {},
} as const;

/**
 * Connects to Kafka. Needs the optional client: `npm run kafka:install`.
 *
 * @throws StreamsError `STREAMS_CONFIG_INVALID`, `STREAMS_CLIENT_MISSING`, `STREAMS_LOG_UNAVAILABLE`
 *   when no broker answers, `STREAMS_LOG_REFUSED` when one says no.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<Log> {
  const log = new KafkaLog(options);
  try {
    await log.open();
  } catch (error) {
    await log.close();
    throw error;
  }
  return log;
}

type Settled = KafkaLogOptions & Required<Pick<KafkaLogOptions, keyof typeof defaults>>;

class KafkaLog implements Log {
  readonly commitsState = false;
  readonly #options: Settled;
  readonly #clients: KafkaClients;
  readonly #topics: KafkaTopics;
  readonly #topicWatch: TopicWatch;
  readonly #router: RecordRouter;
  readonly #appender: KafkaAppender;
  readonly #appendId = randomUUID();
  readonly #readers = new Set<LogReader>();
  readonly #members = new Set<KafkaMember>();
  #transactions: TransactionalProducer | undefined;
  /** Of the members of each group, and what others have taken. */
  readonly #namesInUse = new Set<string>();
  #closing: Promise<void> | undefined;

  constructor(options: KafkaLogOptions) {
    this.#options = { ...defaults, ...withoutUndefined(options) };
    const { appendTimeoutMs, compression, onTrouble, replicationFactor } = this.#options;
    const connection = connectionSettings(options);
    this.#clients = new KafkaClients({
      native: loadKafkaClient() as NativeClient,
      connection,
      secondAdmin: new SecondAdmin(options),
      compression,
      batchLimitBytes: () => this.#topics.smallestLimitBytes,
      onTrouble,
    });
    const configs = new TopicConfigs(this.#clients.secondAdmin);
    this.#topics = new KafkaTopics(this.#clients, configs, replicationFactor);
    this.#topicWatch = new TopicWatch((names) => this.#topics.describeNow(names));
    this.#router = new RecordRouter((name) => this.#topics.known(name));
    this.#appender = new KafkaAppender({
      clients: this.#clients,
      timeoutMs: appendTimeoutMs,
      route: (records) => this.#route(records),
      transact: (records) => this.#transact(records),
    });
  }

  /** Fails early when no broker is there. */
  async open(): Promise<void> {
    try {
      await this.#clients.probe();
    } catch (error) {
      throw kafkaError(`cannot connect to Kafka at ${this.#options.bootstrapServers}`, error);
    }
  }

  createTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.#checkOpen();
    return this.#topics.create(topics);
  }

  describeTopics(): Promise<readonly TopicDescription[]> {
    this.#checkOpen();
    return this.#topics.describeAll();
  }

  async describeTopic(name: string): Promise<TopicDescription> {
    this.#checkOpen();
    return this.#topics.describe(name);
  }

  maxMessageBytes(topic: string): number | undefined {
    return this.#topics.known(topic)?.maxMessageBytes;
  }

  checkRecord(record: ProducedRecord): void {
    this.#router.route(record);
  }

  async append(records: readonly ProducedRecord[]): Promise<readonly RecordMetadata[]> {
    this.#checkOpen();
    return this.#appender.append(records);
  }

  async offsetForTime(partition: TopicPartition, timestampMs: number): Promise<bigint> {
    this.#checkOpen();
    const [found] = await this.#topics.offsets([{ ...partition, at: Math.max(0, timestampMs) }]);
    if (found !== undefined && found >= 0n) return found;
    const [end] = await this.#topics.offsets([{ ...partition, at: 'end' }]);
    return end as bigint;
  }

  openReader(): LogReader {
    this.#checkOpen();
    const reader = new KafkaReader(this.#clients, this.#topics);
    this.#readers.add(reader);
    return {
      assign: (partitions) => reader.assign(partitions),
      unassign: (partitions) => reader.unassign(partitions),
      poll: (options) => reader.poll(options),
      close: () => {
        this.#readers.delete(reader);
        return reader.close();
      },
    };
  }

  async joinGroup(options: GroupOptions): Promise<GroupMember> {
    this.#checkOpen();
    const { groupId, topics, together = [] } = options;
    const counts = new Map<string, number>();
    for (const topic of topics) counts.set(topic, (await this.#topics.require(topic)).partitions);
    const partitionsOf = (topic: string) => counts.get(topic) ?? 0;
    const layout = taskLayout({ groupId, topics, together, partitionsOf });
    await this.#topics.createAtLeast(layout.topic, layout.tasks.length);
    const memberName = this.#takeName(groupId);
    const member = new KafkaMember({
      ...options,
      clients: this.#clients,
      kafkaTopics: this.#topics,
      topicWatch: this.#topicWatch,
      layout,
      memberName,
      isStatic: this.#options.instanceId !== undefined,
      membershipSettings: this.#membershipSettings(memberName, layout, options.processName),
      rebalanceTimeoutMs: this.#options.rebalanceTimeoutMs,
      transactionTimeoutMs: this.#options.transactionTimeoutMs,
      commitTimeoutMs: this.#options.commitTimeoutMs,
      route: (records) => records.map((record) => this.#router.route(record)),
      whenClosed: (closed) => {
        this.#members.delete(closed);
        if (!closed.isNameTaken) this.#namesInUse.delete(`${groupId} ${memberName}`);
      },
    });
    this.#members.add(member);
    try {
      await checkSameLayout(this.#clients, groupId, layout, memberName);
      await member.join();
    } catch (error) {
      await member.close();
      throw error;
    }
    return member;
  }

  async committed(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly (bigint | undefined)[]> {
    this.#checkOpen();
    return stableOffsets(this.#clients, groupId, partitions);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.close()));
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await this.#appender.close();
    await this.#transactions?.close();
    await this.#clients.close();
  }

  async #route(records: readonly ProducedRecord[]): Promise<readonly RoutedRecord[]> {
    for (const topic of new Set(records.map((record) => record.topic))) {
      await this.#topics.require(topic);
    }
    return records.map((record) => this.#router.route(record));
  }

  /** All of them or none. */
  async #transact(records: readonly RoutedRecord[]): Promise<readonly RecordMetadata[]> {
    this.#transactions ??= new TransactionalProducer({
      clients: this.#clients,
      transactionalId: `${this.#options.clientId ?? 'millrace'}-append-${this.#appendId}`,
      transactionTimeoutMs: Math.min(
        this.#options.transactionTimeoutMs,
        defaults.transactionTimeoutMs,
      ),
      reportsOffsets: true,
      callTimeoutMs: this.#options.appendTimeoutMs,
    });
    try {
      const offsets = await this.#transactions.commit(records);
      return records.map(({ topic, partition }, i) => {
        return { topic, partition, offset: BigInt(offsets[i] as number) };
      });
    } catch (error) {
      if (!(error instanceof UnknownOutcome)) throw error;
      throw outcomeUnknown('the records were appended', error.cause);
    }
  }

  /**
   * A second member of one process needs a name of its own. A static one that comes back takes the place
   * that it had: under another name nobody would have its tasks until the session of the first is over.
   */
  #takeName(groupId: string): string {
    const { instanceId } = this.#options;
    if (instanceId === undefined) return randomUUID();
    for (let number = 0; ; number++) {
      const name = number === 0 ? instanceId : `${instanceId}-${number}`;
      if (this.#namesInUse.has(`${groupId} ${name}`)) continue;
      this.#namesInUse.add(`${groupId} ${name}`);
      return name;
    }
  }

  #membershipSettings(
    memberName: string,
    layout: TaskLayout,
    processName: string | undefined,
  ): NativeSettings {
    const {
      clientId = 'millrace',
      instanceId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
    } = this.#options;
    return {
      'client.id': clientIdOf(clientId, memberName, layout, processName),
      'partition.assignment.strategy': 'cooperative-sticky',
      'session.timeout.ms': sessionTimeoutMs,
      'heartbeat.interval.ms': Math.max(100, Math.min(3_000, Math.floor(sessionTimeoutMs / 10))),
      'max.poll.interval.ms': Math.max(rebalanceTimeoutMs, sessionTimeoutMs),
      ...(instanceId === undefined ? {} : { 'group.instance.id': memberName }),
    };
  }

  #checkOpen(): void {
    if (this.#closing === undefined) return;
    throw new StreamsError('STREAMS_LOG_CLOSED', 'the log is closed');
  }
}

function withoutUndefined<T extends object>(options: T): T {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as T;
}
