/**
 * The membership in a consumer group: which tasks this member has, and until when. It reads nothing;
 * its consumer is there for the group, and its generation fences every commit.
 */
import { disconnect, type KafkaClients } from './kafka-clients.ts';
import { isNameTaken, kafkaCode, kafkaError, migrated } from './kafka-errors.ts';
import {
  answerWithin,
  type NativeConsumer,
  type NativeMessage,
  type NativePartition,
  type NativeSettings,
  NoAnswer,
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

/** What the group has said, and its client waits to be answered. */
interface Rebalance {
  readonly partitions: readonly NativePartition[];
  readonly isAssigned: boolean;
  readonly isLost: boolean;
}

/**
 * The client signals what the group has to say. It is asked now and then in any case: it takes whoever
 * does not ask for long for dead, and a signal may come while it must not be asked.
 */
const pumpIntervalMs = 500;

/** A call without a time to wait takes no time; one that takes so long has been forgotten. */
const consumeWithinMs = 30_000;

export class GroupMembership {
  readonly #options: MembershipOptions;
  #consumer: NativeConsumer | undefined;
  #rebalancing: Promise<void> = Promise.resolve();
  readonly #unanswered = new Set<Rebalance>();
  #pump: NodeJS.Timeout | undefined;
  #pumping = false;
  /** The client has signalled while it was being asked: maybe for what came after its answer. */
  #hasMore = false;
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
          membership.#rebalanced({ partitions, isAssigned, isLost });
        },
        notEmpty: () => this.#look(),
      },
    );
    this.#consumer.subscribe([topic]);
    this.#pump = setInterval(() => this.#look(), pumpIntervalMs);
  }

  /** Does something between two rebalances, in its turn. A failure goes to the listener. */
  inTurn(work: () => Promise<void>): void {
    this.#rebalancing = this.#rebalancing
      .then(work)
      .catch((error: unknown) => this.#options.listener.onFailure(error));
  }

  /**
   * Leaves the group. Its client waits until it has been answered, while the one who would answer
   * may be waiting for this.
   */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#pump);
    for (const rebalance of this.#unanswered) {
      try {
        this.#answer(rebalance);
      } catch {
        // Then the client has taken it back.
      }
    }
    await disconnect(this.#consumer);
  }

  /** Serves what the group has to say. Records of its topic are not there to be read. */
  #look(): void {
    this.#hasMore = this.#pumping;
    const consumer = this.#consumer;
    if (consumer === undefined || this.#pumping || this.#closed || !this.#options.isAlive()) return;
    this.#pumping = true;
    answerWithin<readonly NativeMessage[]>(consumeWithinMs, (callback) =>
      consumer.consume(1, callback),
    )
      .catch((error: unknown) => {
        if (this.#closed) return;
        this.#options.listener.onFailure(failureOf(error));
      })
      .finally(() => {
        this.#pumping = false;
        if (this.#hasMore) this.#look();
      });
  }

  #rebalanced(rebalance: Rebalance): void {
    const { partitions, isAssigned, isLost } = rebalance;
    if (this.#closed) {
      // From a client that is leaving this is the answer to everything.
      this.consumer.incrementalUnassign(partitions);
      return;
    }
    this.#unanswered.add(rebalance);
    this.inTurn(async () => {
      if (isAssigned) this.#answer(rebalance);
      if (this.#closed || partitions.length === 0) return this.#answer(rebalance);
      const { listener } = this.#options;
      const tasks = partitions.map(({ partition }) => partition);
      try {
        if (isAssigned) await listener.onAssigned(tasks);
        else await (isLost ? listener.onLost(tasks) : listener.onRevoked(tasks));
      } finally {
        this.#answer(rebalance);
      }
    });
  }

  /** Once: by whoever comes first. */
  #answer(rebalance: Rebalance): void {
    if (!this.#unanswered.delete(rebalance)) return;
    const { partitions, isAssigned } = rebalance;
    if (!isAssigned) {
      this.consumer.incrementalUnassign(partitions);
      return;
    }
    this.consumer.incrementalAssign(partitions.map((one) => ({ ...one, offset: 0 })));
    if (partitions.length > 0) this.consumer.pause(partitions);
  }
}

/** A client that hears nothing of its group any more is of no use: another one takes its place. */
function failureOf(error: unknown): Error {
  // Whoever is not told of a rebalance holds up all the others.
  if (error instanceof NoAnswer) return migrated('the client of the group is silent', error);
  if (isNameTaken(error)) return migrated('the name of this member is in use', error);
  return kafkaError('the group is not well', error);
}
