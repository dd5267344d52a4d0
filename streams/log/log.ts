/**
 * The Log port: what the library needs of Kafka, and of whatever stands in for it.
 *
 * Drivers: embedded/ (LMDB, durable, in process), memory/ (tests), and Kafka. One contract suite
 * (`log-contract.ts`) holds for all of them.
 */
import type { Header, RecordMetadata } from '../record.ts';
import type { StateStorage } from '../state/storage.ts';
import type { TopicSettings } from '../topology/topic.ts';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A record as bytes. A `null` value is a tombstone; an empty value is a value. */
export interface LogRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Milliseconds since the Unix epoch. */
  readonly timestampMs: number;
  readonly headers: readonly Header[];
}

export interface ConsumedRecord extends LogRecord {
  readonly offset: bigint;
}

export interface ProducedRecord extends LogRecord {
  readonly topic: string;
  /** `undefined`: murmur2 of the key modulo the partitions; round robin when the key is null. */
  readonly partition?: number | undefined;
}

export interface TopicSpec extends TopicSettings {
  readonly name: string;
}

/** Consecutive records of one partition. After compaction, offsets have gaps. */
export interface RecordBatch extends TopicPartition {
  readonly records: readonly ConsumedRecord[];
  /**
   * Where reading was before this batch: nothing of the partition lies between it and the first
   * record. Absent: the log never hands out what was read before a `seek` behind it.
   */
  readonly fromOffset?: bigint;
  /**
   * Where to read on: the offset after the last record, even if that one was compacted away or
   * aborted. A batch without records may come only to say so.
   */
  readonly nextOffset: bigint;
  /** The offset that the next committed record of the partition will get. */
  readonly endOffset: bigint;
  /**
   * Offsets before the first record that retention removed before they were read; absent: none.
   * Gaps of compaction are not counted.
   */
  readonly lostRecords?: bigint;
}

export interface PollOptions {
  /** At most this many records in all. @defaultValue 1_000 */
  readonly maxRecords?: number;
  /** Stops once the records have this many bytes; a larger record comes alone. @defaultValue 8 MiB */
  readonly maxBytes?: number;
  /** How long to wait for a first record, in milliseconds; 0 answers at once. */
  readonly maxWaitMs: number;
}

/** One thing to write to a state store, in the bytes that the store keeps. */
export interface StateWrite {
  readonly store: string;
  readonly key: Uint8Array;
  /** `null` deletes the key. */
  readonly value: Uint8Array | null;
}

/** What one commit makes durable: all of it or nothing. */
export interface LogCommit {
  readonly outputs: readonly ProducedRecord[];
  /** Next offset to read of each input partition. */
  readonly offsets: readonly (TopicPartition & { readonly offset: bigint })[];
  /**
   * State of each task. Only for a log that says `commitsState`; the others leave it to the state
   * storage, after the commit.
   */
  readonly state: readonly { readonly taskId: string; readonly writes: readonly StateWrite[] }[];
  /** Repartition records that everybody has read: may be purged. */
  readonly purge?: readonly (TopicPartition & { readonly beforeOffset: bigint })[];
}

/** Reads partitions from where it is told; belongs to no group and commits nothing. */
export interface LogReader {
  /** Starts or continues reading a partition at `offset`. */
  assign(partitions: readonly (TopicPartition & { readonly offset: bigint })[]): void;
  /** Stops reading partitions. A poll that waits goes on waiting for the others. */
  unassign(partitions: readonly TopicPartition[]): void;
  /**
   * At most one batch a partition, fair over the partitions. Empty after `maxWaitMs`, and when the reader
   * is closed meanwhile.
   *
   * @throws StreamsError `STREAMS_LOG_CLOSED` once it is closed.
   */
  poll(options: PollOptions): Promise<readonly RecordBatch[]>;
  close(): Promise<void>;
}

/** A member of a group as the others see it. */
export interface GroupPeer {
  /** Another one after each start. */
  readonly memberId: string;
  /** The same after each start, where members are named. @see group.instance.id */
  readonly instanceId?: string;
  /** Members with the same one share a process and its directory of local state. */
  readonly processName?: string;
  readonly isSelf: boolean;
  /** What it reads now. */
  readonly partitions: readonly TopicPartition[];
  /**
   * What it would be given if the process that reads it now were lost; of partitions that are nobody's
   * here it is not known now. Absent: the log cannot tell.
   */
  readonly inherits?: readonly TopicPartition[];
}

/** Told of partitions that come and go. Polling waits for the promise. */
export interface RebalanceListener {
  onAssigned(partitions: readonly TopicPartition[]): Promise<void>;
  /** The last moment to commit these partitions. */
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * Others own these partitions already, so nothing of them can be committed any more.
   *
   * @defaultValue `onRevoked`
   */
  onLost?(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * Asked of partitions that the group gives to other members: those answered stay with this one until
   * the other is ready for them. Then `onRevoked` comes; nothing, if the group gives them back before.
   * All partitions that belong together, or none. A log may take all of them at once nevertheless.
   *
   * @defaultValue none
   */
  keeps?(partitions: readonly TopicPartition[]): Promise<readonly TopicPartition[]>;
  /**
   * Told which partitions other members keep until this one is `ready`, all of them, whenever they are
   * others than before. `onAssigned` comes when they are let go of.
   */
  onComing?(partitions: readonly TopicPartition[]): Promise<void>;
}

/** A member of a consumer group that processes and commits exactly once. */
export interface GroupMember {
  poll(options: PollOptions): Promise<readonly RecordBatch[]>;
  /** Stops and starts delivery of partitions: back-pressure. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Reads a partition again from `offset`, for instance after an abort. */
  seek(partition: TopicPartition, offset: bigint): void;
  /**
   * One atomic commit, durable when the promise resolves.
   *
   * @throws StreamsError `STREAMS_TASK_MIGRATED` when another member owns the partitions now:
   *   nothing was written. `STREAMS_LOG_UNAVAILABLE` (retryable) when it is known not to be written.
   */
  commit(commit: LogCommit): Promise<void>;
  /**
   * This member could go on with these coming partitions in no time: whoever keeps them may let go.
   *
   * @see RebalanceListener.onComing
   */
  ready?(partitions: readonly TopicPartition[]): void;
  /**
   * Who is in the group, this member too; between two rebalances a moment old. Without it nobody
   * can stand by for others.
   */
  peers?(): Promise<readonly GroupPeer[]>;
  /**
   * False: it has not polled for so long that its partitions may be others', and it was not told.
   * Absent: it is always told.
   */
  readonly isAlive?: boolean;
  /** Commits nothing; leaves the group. */
  close(): Promise<void>;
}

export interface GroupOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /**
   * Sets of topics of which the same partitions go to the same member, even when they have different
   * partition counts. Topics in none of them are assigned each on its own.
   */
  readonly together?: readonly (readonly string[])[];
  /**
   * Where a partition without a committed offset begins. One whose committed offset retention has
   * removed goes on from the earliest record there is. @see auto.offset.reset
   */
  readonly startFrom: 'earliest' | 'latest';
  readonly listener: RebalanceListener;
  /** What the members of this process have in common. @see GroupPeer */
  readonly processName?: string;
  /** Partitions are kept no longer than this, in milliseconds. @defaultValue 600_000 */
  readonly warmupTimeoutMs?: number;
  /**
   * Aborted once nothing more will be processed: a commit whose outcome is not known then fails instead of
   * waiting, however long, until it is. Whoever comes next goes on from what the log says.
   */
  readonly ending?: AbortSignal;
}

export interface TopicDescription extends TopicSpec {
  /**
   * First and next offset of each partition, by index. The next one is behind everything that has
   * been written, also by transactions that are not decided yet.
   */
  readonly offsets: readonly { readonly beginning: bigint; readonly end: bigint }[];
}

/** Where another thread opens the state that a log commits. */
export interface StateAddress {
  /** URL of a module with `openSharedState(options): SharedStateStorage`. */
  readonly module: string;
  /** What it is called with: plain data. */
  readonly options: unknown;
}

export interface Log {
  /** Whether `GroupMember.commit` makes `LogCommit.state` durable in the same transaction. */
  readonly commitsState: boolean;
  /** Where that state is read; there when `commitsState`. */
  readonly stateStorage?: StateStorage;
  /** How another thread of the process reads that state; absent when none can. */
  readonly stateElsewhere?: StateAddress;
  /** The largest record that `checkRecord` accepts, key and value together; absent: not limited. */
  readonly maxRecordBytes?: number;
  /**
   * For a log whose topics have limits of their own, which count headers and framing too: that of a
   * topic which was asked for before. `checkMessageSize` checks it.
   *
   * @see max.message.bytes
   */
  maxMessageBytes?(topic: string): number | undefined;

  /**
   * Creates what does not exist.
   *
   * @throws StreamsError `STREAMS_TOPIC_MISMATCH` naming each topic that exists with other settings.
   */
  createTopics(topics: readonly TopicSpec[]): Promise<void>;
  describeTopics(): Promise<readonly TopicDescription[]>;
  /** @throws StreamsError `STREAMS_TOPIC_UNKNOWN` */
  describeTopic(name: string): Promise<TopicDescription>;

  /**
   * Says at once whether the record could be written, so that the record that made it can be blamed.
   *
   * @throws StreamsError `STREAMS_RECORD_INVALID`, `STREAMS_RECORD_TOO_LARGE`.
   */
  checkRecord(record: ProducedRecord): void;

  /** Appends all or nothing; durable when the promise resolves. In the order given. */
  append(records: readonly ProducedRecord[]): Promise<readonly RecordMetadata[]>;

  /** First offset whose record is at or after `timestampMs`; the end offset when there is none. */
  offsetForTime(partition: TopicPartition, timestampMs: number): Promise<bigint>;

  openReader(): LogReader;
  joinGroup(options: GroupOptions): Promise<GroupMember>;
  /**
   * Committed offset of each partition of the group; `undefined` where there is none. Waits for a
   * transaction that is not decided yet.
   */
  committed(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly (bigint | undefined)[]>;

  close(): Promise<void>;
}
