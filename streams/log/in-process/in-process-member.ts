/** A member of a consumer group of an in-process log. */
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
import { type ConsumerGroup, type Participant, partitionName } from './consumer-group.ts';
import type { PartitionReader } from './partition-reader.ts';

/** What a member needs of its log. */
export interface MemberSurroundings {
  readonly group: ConsumerGroup;
  readonly reader: PartitionReader;
  /** Where the group goes on reading. */
  position(partition: TopicPartition): bigint;
  /** `check` runs last before the commit is written, and stops it by throwing. */
  commit(groupId: string, commit: LogCommit, check: () => void): Promise<void>;
}

export class InProcessMember implements GroupMember, Participant {
  readonly memberId: number;
  readonly options: GroupOptions;
  readonly owned = new Map<string, TopicPartition>();
  readonly #log: MemberSurroundings;
  readonly #positions = new Map<string, bigint>();
  #fenced: StreamsError | undefined;
  #closed = false;

  constructor(memberId: number, options: GroupOptions, log: MemberSurroundings) {
    this.memberId = memberId;
    this.options = options;
    this.#log = log;
  }

  async poll(options: PollOptions): Promise<readonly RecordBatch[]> {
    if (this.#fenced !== undefined) throw this.#fenced;
    return this.#log.reader.poll(options);
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#log.reader.pause(partitions);
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#log.reader.resume(partitions);
  }

  seek(partition: TopicPartition, offset: bigint): void {
    this.#log.reader.seek(partition, offset);
  }

  commit(commit: LogCommit): Promise<void> {
    return this.#log.commit(this.options.groupId, commit, () => this.#checkOwned(commit));
  }

  async peers(): Promise<readonly GroupPeer[]> {
    return this.#log.group.members.map((member) => {
      const { processName } = member.options;
      return {
        memberId: `${member.memberId}`,
        ...(processName === undefined ? {} : { processName }),
        isSelf: member === this,
        partitions: [...member.owned.values()],
      };
    });
  }

  get isAlive(): boolean {
    return this.#fenced === undefined;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#log.group.leave(this);
    await this.#log.reader.close();
  }

  prepare(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#positions.set(partitionName(partition), this.#log.position(partition));
    }
  }

  deliver(partitions: readonly TopicPartition[]): void {
    if (this.#closed) return;
    const positions = partitions.map((partition) => ({
      ...partition,
      offset: this.#positions.get(partitionName(partition)) ?? 0n,
    }));
    this.#log.reader.assign(positions);
  }

  withhold(partitions: readonly TopicPartition[]): void {
    this.#log.reader.unassign(partitions);
  }

  fence(error: StreamsError): void {
    this.#fenced = error;
    this.#log.reader.wake();
  }

  #checkOwned({ offsets }: LogCommit): void {
    const { groupId } = this.options;
    if (this.#fenced !== undefined) throw this.#fenced;
    if (this.#closed) {
      throw migrated(`this member has left group '${groupId}'`);
    }
    const foreign = offsets.filter((offset) => !this.owned.has(partitionName(offset)));
    if (foreign.length > 0) {
      const names = foreign.map(partitionName).join(', ');
      throw migrated(`${names} of group '${groupId}' belong to another member now`);
    }
  }
}

function migrated(reason: string): StreamsError {
  return new StreamsError('STREAMS_TASK_MIGRATED', `nothing was committed: ${reason}`);
}
