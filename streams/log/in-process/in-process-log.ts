/**
 * A log that lives in this process: the whole of the Log port over ordered, transactional storage.
 * `embedded/` gives it LMDB, `memory/` sorted arrays.
 *
 *   append, commit ──▶ group commit ──▶ one transaction ──▶ storage
 *                                            │ end moves
 *                      poll ◀── readers ◀────┘
 */
import type { SchemaRegistry } from '../../avro/registry.ts';
import { StreamsError } from '../../errors.ts';
import type { RecordMetadata } from '../../record.ts';
import type { StateStorage } from '../../state/storage.ts';
import type {
  GroupMember,
  GroupOptions,
  Log,
  LogCommit,
  LogReader,
  ProducedRecord,
  StateAddress,
  TopicDescription,
  TopicPartition,
  TopicSpec,
} from '../log.ts';
import { partitionFor } from '../partitioner.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { GroupCommit } from './group-commit.ts';
import { GroupOffsets } from './group-offsets.ts';
import { InProcessMember } from './in-process-member.ts';
import { LogCleaner } from './log-cleaner.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import { PartitionReader } from './partition-reader.ts';
import type { PartitionState } from './partition-state.ts';
import { checkRecord } from './record-rules.ts';
import { StoredRegistry } from './stored-registry.ts';
import { StoredState } from './stored-state.ts';
import { findOffsetForTime } from './time-search.ts';
import { TopicCatalog } from './topic-catalog.ts';
import { WriteTransaction } from './write-transaction.ts';

export interface InProcessLogOptions {
  /** The largest record that is accepted, key and value together. */
  readonly maxRecordBytes: number;
  /** How long a member may take to answer a rebalance before it is fenced. */
  readonly rebalanceTimeoutMs: number;
  /** How often retention and compaction look for work; they also run when there is enough of it. */
  readonly cleanIntervalMs: number;
  /** How long compaction keeps a tombstone for readers that are behind. @see delete.retention.ms */
  readonly tombstoneRetentionMs: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly commitsState: boolean;
  /** Where other threads read the state; absent when it is in this one's memory. */
  readonly stateElsewhere?: StateAddress;
  readonly readOnly: boolean;
  /** Runs when everything is closed. */
  readonly whenClosed?: () => void;
}

export class InProcessLog implements Log {
  readonly commitsState: boolean;
  readonly stateElsewhere?: StateAddress;
  readonly maxRecordBytes: number;
  /** Schemas, kept with the records that they describe. */
  readonly schemaRegistry: SchemaRegistry;
  readonly #options: InProcessLogOptions;
  readonly #storage: OrderedStorage;
  readonly #catalog: TopicCatalog;
  readonly #offsets: GroupOffsets;
  readonly #state: StoredState;
  readonly #commits: GroupCommit;
  readonly #cleaner: LogCleaner;
  readonly #groups = new Map<string, ConsumerGroup>();
  readonly #readers = new Set<LogReader>();
  #creating: Promise<void> = Promise.resolve();
  #memberCount = 0;
  #roundRobin = 0;
  #closing: Promise<void> | undefined;

  constructor(storage: OrderedStorage, options: InProcessLogOptions) {
    this.commitsState = options.commitsState;
    if (options.stateElsewhere !== undefined) this.stateElsewhere = options.stateElsewhere;
    this.maxRecordBytes = options.maxRecordBytes;
    this.#options = options;
    this.#storage = storage;
    this.#catalog = new TopicCatalog(storage);
    this.#offsets = new GroupOffsets(storage);
    this.#state = new StoredState(storage);
    this.#commits = new GroupCommit(storage, () => new WriteTransaction());
    this.schemaRegistry = new StoredRegistry(storage, (prepare) => this.#submit(prepare));
    this.#cleaner = new LogCleaner(
      { storage, catalog: this.#catalog, commits: this.#commits },
      options,
    );
    if (!options.readOnly) this.#cleaner.start();
  }

  /** Where the state of tasks is read; it is written by `GroupMember.commit`. */
  get stateStorage(): StateStorage {
    return this.#state;
  }

  createTopics(topics: readonly TopicSpec[]): Promise<void> {
    const created = this.#creating.then(() =>
      this.#submit((transaction) => this.#catalog.create(topics, transaction)),
    );
    this.#creating = created.catch(() => undefined); // The caller has the error.
    return created;
  }

  async describeTopics(): Promise<readonly TopicDescription[]> {
    this.#checkOpen();
    return this.#catalog.names().map((name) => this.#catalog.describe(name));
  }

  async describeTopic(name: string): Promise<TopicDescription> {
    this.#checkOpen();
    return this.#catalog.describe(name);
  }

  checkRecord(record: ProducedRecord): void {
    this.#target(record);
  }

  async append(records: readonly ProducedRecord[]): Promise<readonly RecordMetadata[]> {
    const partitions = this.#route(records);
    const written: RecordMetadata[] = [];
    await this.#submit((transaction) => {
      for (let i = 0; i < records.length; i++) {
        const state = partitions[i] as PartitionState;
        const offset = BigInt(transaction.append(state, records[i] as ProducedRecord));
        written.push({ topic: state.topic, partition: state.partition, offset });
      }
    });
    return written;
  }

  async offsetForTime(partition: TopicPartition, timestampMs: number): Promise<bigint> {
    this.#checkOpen();
    const state = this.#catalog.partition(partition);
    return BigInt(await findOffsetForTime(this.#storage, state, timestampMs));
  }

  openReader(): LogReader {
    this.#checkOpen();
    const reader = this.#newReader();
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
    this.#checkWritable();
    checkGroupId(options.groupId);
    for (const topic of options.topics) this.#catalog.require(topic);
    const { groupId, startFrom } = options;
    const group = this.#group(groupId);
    const reader = this.#newReader();
    const member = new InProcessMember(this.#memberCount++, options, {
      group,
      reader,
      position: (partition) => this.#startOffset(groupId, partition, startFrom),
      commit: (id, commit, check) => this.#commit(id, commit, check),
    });
    this.#readers.add(reader);
    group.join(member);
    return member;
  }

  async committed(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly (bigint | undefined)[]> {
    this.#checkOpen();
    return partitions.map((partition) => {
      const offset = this.#offsets.get(groupId, this.#catalog.partition(partition));
      return offset === undefined ? undefined : BigInt(offset);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Sees what another process has written since. For a log that is open for reading. */
  refresh(): void {
    this.#catalog.reload();
  }

  /** Does the housekeeping that is due now; resolves when there is nothing left to do. */
  clean(): Promise<void> {
    return this.#cleaner.run();
  }

  async #close(): Promise<void> {
    await this.#cleaner.stop();
    await this.#commits.close();
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await this.#storage.close();
    this.#options.whenClosed?.();
  }

  async #commit(groupId: string, commit: LogCommit, check: () => void): Promise<void> {
    const { outputs, offsets, state, purge = [] } = commit;
    const targets = this.#route(outputs);
    const inputs = offsets.map((offset) => this.#catalog.partition(offset));
    const purged = purge.map((offset) => this.#catalog.partition(offset));
    await this.#submit((transaction) => {
      check();
      outputs.forEach((output, i) => {
        transaction.append(targets[i] as PartitionState, output);
      });
      offsets.forEach(({ offset }, i) => {
        this.#offsets.put(groupId, inputs[i] as PartitionState, Number(offset), transaction);
      });
      if (this.commitsState) {
        for (const { taskId, writes } of state) {
          this.#state.write(groupId, taskId, writes, transaction);
        }
      }
      purge.forEach(({ beforeOffset }, i) => {
        this.#cleaner.purge(purged[i] as PartitionState, Number(beforeOffset), transaction);
      });
    });
  }

  /** Resolves each record's partition, and refuses what cannot be written before anything is. */
  #route(records: readonly ProducedRecord[]): PartitionState[] {
    return records.map((record) => this.#target(record));
  }

  #target(record: ProducedRecord): PartitionState {
    const partition = record.partition ?? this.#choosePartition(record);
    const state = this.#catalog.at(record.topic, partition);
    checkRecord(record, state.keyRequired, this.maxRecordBytes);
    return state;
  }

  #choosePartition({ topic, key }: ProducedRecord): number {
    const { partitions } = this.#catalog.require(topic);
    if (key !== null) return partitionFor(key, partitions);
    this.#roundRobin = (this.#roundRobin + 1) % Number.MAX_SAFE_INTEGER;
    return this.#roundRobin % partitions;
  }

  #startOffset(
    groupId: string,
    partition: TopicPartition,
    startFrom: 'earliest' | 'latest',
  ): bigint {
    const state = this.#catalog.partition(partition);
    const committed = this.#offsets.get(groupId, state);
    // What retention removed is lost, what is left is not: whatever `startFrom` says.
    if (committed !== undefined) return BigInt(Math.max(committed, state.beginning));
    return BigInt(startFrom === 'earliest' ? state.beginning : state.end);
  }

  #group(groupId: string): ConsumerGroup {
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      const partitionsOf = (topic: string) => this.#catalog.require(topic).partitions;
      const { rebalanceTimeoutMs } = this.#options;
      // Its turn comes after every commit that was asked for before. It writes nothing.
      const commitsSettled = () => this.#commits.submit(() => {}).catch(() => undefined);
      group = new ConsumerGroup({ groupId, partitionsOf, rebalanceTimeoutMs, commitsSettled });
      this.#groups.set(groupId, group);
    }
    return group;
  }

  #newReader(): PartitionReader {
    return new PartitionReader(this.#storage, (partition) => this.#catalog.partition(partition));
  }

  async #submit(prepare: (transaction: WriteTransaction) => void): Promise<void> {
    this.#checkOpen();
    this.#checkWritable();
    return this.#commits.submit(prepare);
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) {
      throw new StreamsError('STREAMS_LOG_CLOSED', 'the log is closed');
    }
  }

  #checkWritable(): void {
    if (!this.#options.readOnly) return;
    throw new StreamsError(
      'STREAMS_LOG_READ_ONLY',
      'the log is open for reading only; write through the process that owns it',
    );
  }
}

const longestGroupId = 255;

function checkGroupId(groupId: string): void {
  const fits = groupId.length > 0 && Buffer.byteLength(groupId) <= longestGroupId;
  if (fits && !groupId.includes('\0')) return;
  throw new StreamsError(
    'STREAMS_CONFIG_INVALID',
    `'${groupId}' is not a group id: give 1 to ${longestGroupId} bytes without a zero character`,
  );
}
