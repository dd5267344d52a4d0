/**
 * The membership in a consumer group: which tasks this member has, and until when. It reads nothing;
 * its consumer is there for the group, and its generation fences every commit.
 */
import { disconnect, type KafkaClients } from './kafka-clients.ts';
import { kafkaCode, kafkaError } from './kafka-errors.ts';
import {
  answer,
  type NativeConsumer,
  type NativeMessage,
  type NativePartition,
  type NativeSettings,
} from './native-client.ts';

export interface MembershipListener {
  onAssigned(tasks: readonly number[]): Promise<void>;
  /** The tasks are given to others when the promise resolves. */
  onRevoked(tasks: readonly number[]): Promise<void>;
  /** Others have the tasks already: this member was away too long. */
  onLost(tasks: readonly number[]): Promise<void>;
  /** What the group or a listener has thrown. */
  onFailure(error: unknown): void;
}

export interface MembershipOptions {
  readonly clients: KafkaClients;
  readonly groupId: string;
  /** The topic whose partitions are the tasks. */
  readonly topic: string;
  readonly settings: NativeSettings;
  /** Whoever does not look for records for so long is no member any more. */
  readonly isAlive: () => boolean;
  readonly listener: MembershipListener;
}

/** Rebalances are noticed by asking; the client signals most of them earlier. */
const pumpIntervalMs = 50;

export class GroupMembership {
  readonly #options: MembershipOptions;
  #consumer: NativeConsumer | undefined;
  #rebalancing: Promise<void> = Promise.resolve();
  #pump: NodeJS.Timeout | undefined;
  #pumping = false;
  /** What the group waits for this member to let go of. */
  #leaving: readonly NativePartition[] | undefined;
  #closed = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** There once `join` has resolved. */
  get consumer(): NativeConsumer {
    return this.#consumer as NativeConsumer;
  }

  /** Resolves when no rebalance is being answered. */
  get settled(): Promise<void> {
    return this.#rebalancing;
  }

  async join(): Promise<void> {
    const { clients, groupId, topic, settings } = this.#options;
    const membership = this;
    this.#consumer = await clients.groupConsumer(
      { ...settings, 'group.id': groupId },
      {
        rebalance({ code }, partitions) {
          const isAssigned = code === kafkaCode.assignPartitions;
          // Only told while the callback runs.
          const isLost = !isAssigned && this.assignmentLost();
          membership.#rebalanced(partitions, isAssigned, isLost);
        },
        notEmpty: () => this.#look(),
      },
    );
    this.#consumer.subscribe([topic]);
    this.#pump = setInterval(() => this.#look(), pumpIntervalMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#pump);
    this.#letGo();
    await disconnect(this.#consumer);
  }

  /** Serves what the group has to say. Its topic has no records, so none are lost here. */
  #look(): void {
    if (this.#pumping || this.#closed || !this.#options.isAlive()) return;
    this.#pumping = true;
    answer<readonly NativeMessage[]>((callback) => this.consumer.consume(1, callback))
      .catch((error: unknown) => {
        if (this.#closed) return;
        this.#options.listener.onFailure(kafkaError('the group is not well', error));
      })
      .finally(() => {
        this.#pumping = false;
      });
  }

  #rebalanced(partitions: readonly NativePartition[], isAssigned: boolean, isLost: boolean): void {
    if (this.#closed) {
      if (!isAssigned) this.consumer.incrementalUnassign(partitions);
      return;
    }
    this.#rebalancing = this.#rebalancing
      .then(() => (isAssigned ? this.#assign(partitions) : this.#giveUp(partitions, isLost)))
      .catch((error: unknown) => this.#options.listener.onFailure(error));
  }

  async #assign(partitions: readonly NativePartition[]): Promise<void> {
    if (this.#closed) return;
    this.consumer.incrementalAssign(partitions.map((one) => ({ ...one, offset: 0 })));
    if (partitions.length === 0) return;
    this.consumer.pause(partitions);
    await this.#options.listener.onAssigned(tasksOf(partitions));
  }

  async #giveUp(partitions: readonly NativePartition[], isLost: boolean): Promise<void> {
    const { listener } = this.#options;
    this.#leaving = partitions;
    try {
      if (partitions.length > 0) {
        await (isLost
          ? listener.onLost(tasksOf(partitions))
          : listener.onRevoked(tasksOf(partitions)));
      }
    } finally {
      this.#letGo();
    }
  }

  /** Once only: closing does not wait for a listener, which may be what closes. */
  #letGo(): void {
    const partitions = this.#leaving;
    this.#leaving = undefined;
    if (partitions !== undefined) this.consumer.incrementalUnassign(partitions);
  }
}

function tasksOf(partitions: readonly NativePartition[]): number[] {
  return partitions.map(({ partition }) => partition);
}
