/** What the two sides of a remote log ask of each other. Handles are numbered by the remote side. */
import type { RecordMetadata } from '../../record.ts';
import type {
  GroupOptions,
  GroupPeer,
  PollOptions,
  StateAddress,
  TopicDescription,
  TopicPartition,
  TopicSpec,
} from '../log.ts';
import type { PackedBatches, PackedCommit } from './packed-records.ts';

type At = TopicPartition & { readonly offset: bigint };

/** A reader or a member that was opened. */
interface OfHandle {
  readonly handle: number;
}

/** What does not change, sent once. */
export interface LogFacts {
  readonly commitsState: boolean;
  readonly stateElsewhere: StateAddress | undefined;
  readonly maxRecordBytes: number | undefined;
  readonly topics: readonly KnownTopic[];
}

/** A topic, and what it takes of one record where topics differ in that. */
export interface KnownTopic extends TopicSpec {
  readonly maxMessageBytes?: number;
}

export interface Repositioning extends OfHandle {
  readonly partitions: readonly At[];
  /** Comes back with all that is read from then on. */
  readonly epoch: number;
}

export interface PolledBatches extends PackedBatches {
  /** The last repositioning before these were read. */
  readonly epoch: number;
}

/** Asked of the thread that has the log. */
export type HostMethods = {
  facts(nothing: undefined): Promise<LogFacts>;
  createTopics(topics: readonly TopicSpec[]): Promise<readonly KnownTopic[]>;
  describeTopics(nothing: undefined): Promise<readonly TopicDescription[]>;
  describeTopic(name: string): Promise<TopicDescription>;
  append(records: PackedCommit): Promise<readonly RecordMetadata[]>;
  offsetForTime(search: TopicPartition & { readonly timestampMs: number }): Promise<bigint>;
  committed(of: {
    readonly groupId: string;
    readonly partitions: readonly TopicPartition[];
  }): Promise<readonly (bigint | undefined)[]>;
  openReader(reader: OfHandle): void;
  joinGroup(member: OfHandle & { readonly options: Omit<GroupOptions, 'listener'> }): Promise<void>;
  assign(to: Repositioning): void;
  unassign(which: OfHandle & { readonly partitions: readonly TopicPartition[] }): void;
  seek(to: Repositioning): void;
  pause(which: OfHandle & { readonly partitions: readonly TopicPartition[] }): void;
  resume(which: OfHandle & { readonly partitions: readonly TopicPartition[] }): void;
  poll(how: OfHandle & { readonly options: PollOptions }): Promise<PolledBatches>;
  commit(what: OfHandle & PackedCommit): Promise<void>;
  /** `undefined`: the log does not tell. */
  peers(of: OfHandle): Promise<readonly GroupPeer[] | undefined>;
  ready(which: OfHandle & { readonly partitions: readonly TopicPartition[] }): void;
  close(which: OfHandle): Promise<void>;
};

type Rebalance = OfHandle & { readonly partitions: readonly TopicPartition[] };

/** Asked of the thread that has joined a group: a rebalance goes on when it has answered. */
export type RemoteMethods = {
  onAssigned(what: Rebalance): Promise<void>;
  onRevoked(what: Rebalance): Promise<void>;
  onLost(what: Rebalance): Promise<void>;
  keeps(what: Rebalance): Promise<readonly TopicPartition[]>;
  onComing(what: Rebalance): Promise<void>;
};
