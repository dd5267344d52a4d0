/**
 * One consumer group, all of whose members are in this process. A rebalance first takes from every
 * member what it loses, waiting for it to commit, then gives: at no time do two members own a
 * partition. A member that does not let go in time is fenced: its next commit fails.
 */
import { StreamsError } from '../../errors.ts';
import type { GroupOptions, TopicPartition } from '../log.ts';
import { rangeAssignment } from './range-assignment.ts';

export interface Participant {
  readonly memberId: number;
  readonly options: GroupOptions;
  /** The partitions it may commit, as `partitionName`s. */
  readonly owned: Map<string, TopicPartition>;
  /** Remembers from where, before anything more is written. */
  prepare(partitions: readonly TopicPartition[]): void;
  /** Starts and stops delivery. */
  deliver(partitions: readonly TopicPartition[]): void;
  withhold(partitions: readonly TopicPartition[]): void;
  /** It did not answer a rebalance, or its listener failed: it is out of the group. */
  fence(error: StreamsError): void;
}

export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

export class ConsumerGroup {
  readonly #groupId: string;
  readonly #partitionsOf: (topic: string) => number;
  readonly #rebalanceTimeoutMs: number;
  readonly #commitsSettled: () => Promise<void>;
  #members: Participant[] = [];
  #rebalancing: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly groupId: string;
    readonly partitionsOf: (topic: string) => number;
    readonly rebalanceTimeoutMs: number;
    /** Resolves when every commit that has begun is durable or refused. */
    readonly commitsSettled: () => Promise<void>;
  }) {
    this.#commitsSettled = options.commitsSettled;
    this.#groupId = options.groupId;
    this.#partitionsOf = options.partitionsOf;
    this.#rebalanceTimeoutMs = options.rebalanceTimeoutMs;
  }

  get members(): readonly Participant[] {
    return this.#members;
  }

  join(member: Participant): void {
    this.#members.push(member);
    this.#rebalance();
  }

  /** What it owned goes to the others at once: it has nothing left to commit. */
  leave(member: Participant): void {
    if (!this.#members.includes(member)) return;
    this.#members = this.#members.filter((other) => other !== member);
    member.owned.clear();
    this.#rebalance();
  }

  /** Resolves when no rebalance is under way. */
  get settled(): Promise<void> {
    return this.#rebalancing;
  }

  #rebalance(): void {
    this.#rebalancing = this.#rebalancing.then(() => this.#assign());
  }

  async #assign(): Promise<void> {
    const subscriptions = this.#members.map(({ memberId, options }) => ({
      memberId,
      topics: options.topics,
      together: options.together,
    }));
    const assignment = rangeAssignment(subscriptions, this.#partitionsOf);
    const wanted = (member: Participant) => assignment.get(member.memberId) ?? [];

    await Promise.all(this.#members.map((member) => this.#revoke(member, wanted(member))));
    // A member that was fenced or has left may have a commit in the air: it decides where its
    // successor begins. Those that it begins from now on are refused.
    await this.#commitsSettled();
    await Promise.all(this.#members.map((member) => this.#give(member, wanted(member))));
  }

  async #revoke(member: Participant, wanted: readonly TopicPartition[]): Promise<void> {
    const kept = new Set(wanted.map(partitionName));
    const lost = [...member.owned.values()].filter((owned) => !kept.has(partitionName(owned)));
    if (lost.length === 0) return;
    member.withhold(lost);
    await this.#tell(member, 'onRevoked', lost);
    for (const partition of lost) member.owned.delete(partitionName(partition));
  }

  async #give(member: Participant, wanted: readonly TopicPartition[]): Promise<void> {
    const gained = wanted.filter((partition) => !member.owned.has(partitionName(partition)));
    if (gained.length === 0 || !this.#members.includes(member)) return;
    for (const partition of gained) member.owned.set(partitionName(partition), partition);
    member.prepare(gained);
    await this.#tell(member, 'onAssigned', gained);
    if (this.#members.includes(member)) member.deliver(gained);
  }

  async #tell(
    member: Participant,
    event: 'onAssigned' | 'onRevoked',
    partitions: readonly TopicPartition[],
  ): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const message = `no answer to ${event} within ${this.#rebalanceTimeoutMs} ms`;
      timer = setTimeout(() => reject(new Error(message)), this.#rebalanceTimeoutMs);
    });
    try {
      await Promise.race([member.options.listener[event](partitions), late]);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `a member of group '${this.#groupId}' was taken out of it: ${reason}`;
      member.fence(new StreamsError('STREAMS_TASK_MIGRATED', message, { cause }));
      this.leave(member);
    } finally {
      clearTimeout(timer);
    }
  }
}
