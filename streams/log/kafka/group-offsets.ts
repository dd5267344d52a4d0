/** The committed offsets of a group, once they are certain. */
import type { TopicPartition } from '../log.ts';
import { disconnect, type KafkaClients } from './kafka-clients.ts';
import { kafkaCode, kafkaError, nativeCode } from './kafka-errors.ts';
import { answer, type NativeConsumer, type NativeOffset } from './native-client.ts';

export interface CommittedOffset {
  readonly offset: bigint;
  /**
   * The transactional id of whoever committed it; empty when it was none of us. Beside a task there may
   * stand more. @see keeperIn
   */
  readonly holder: string;
}

export interface CommittedOptions {
  readonly clients: KafkaClients;
  readonly groupId: string;
  readonly partitions: readonly TopicPartition[];
  /** Where it can be read whose transaction may be open. @defaultValue `partitions` */
  readonly holdersAt?: readonly TopicPartition[];
  /** Of this group. */
  readonly consumer: NativeConsumer;
  /** Transactional ids of those who are in the group now: nobody takes their place. */
  readonly living: () => Promise<ReadonlySet<string>>;
}

/** A transaction that is being ended takes less; one that nobody ends takes much longer. */
const patienceMs = 300;
/** Whoever has asked asks again; in between there may be other things to do. */
const abortedWithinMs = 2_000;
const callTimeoutMs = 30_000;

/**
 * Offsets in a transaction that is still open are not certain. Its producer has either been told to
 * give the partitions up, and then has ended it before, or it is dead or asleep: then its
 * transactional id, which it left with the offsets of its commit before, is initialised anew. The
 * coordinator aborts the transaction at once, where it would otherwise wait for its timeout; and
 * should the producer awake, it is fenced.
 *
 * @throws StreamsError `STREAMS_LOG_UNAVAILABLE`, retryable: also when they are not certain yet.
 */
export async function committedOffsets(
  options: CommittedOptions,
): Promise<readonly (CommittedOffset | undefined)[]> {
  const { partitions, consumer } = options;
  if (partitions.length === 0) return [];
  const ask = (timeoutMs: number) =>
    answer<readonly NativeOffset[]>((callback) =>
      consumer.committed(partitions.map(nameOf), timeoutMs, callback),
    );
  try {
    return ordered(partitions, await ask(patienceMs));
  } catch (error) {
    const code = nativeCode(error);
    if (code !== kafkaCode.localTimedOut && code !== kafkaCode.unstableOffset) {
      throw kafkaError(`cannot read the offsets of group '${options.groupId}'`, error);
    }
  }
  await fencePredecessors(options);
  try {
    return ordered(partitions, await ask(abortedWithinMs));
  } catch (error) {
    throw kafkaError(`cannot read the offsets of group '${options.groupId}'`, error);
  }
}

/** The committed offsets of any group. Waits for a transaction that is not decided yet. */
export async function stableOffsets(
  clients: KafkaClients,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<readonly (bigint | undefined)[]> {
  if (partitions.length === 0) return [];
  const found = await listedOffsets(clients, groupId, partitions, true);
  return ordered(partitions, found).map((committed) => committed?.offset);
}

async function listedOffsets(
  { secondAdmin }: KafkaClients,
  groupId: string,
  partitions: readonly TopicPartition[],
  requireStable: boolean,
): Promise<readonly NativeOffset[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))].map((name) => {
    const ofTopic = partitions.filter(({ topic }) => topic === name);
    return { name, partitionIndexes: ofTopic.map(({ partition }) => partition) };
  });
  try {
    const groups = await secondAdmin.ask((client) =>
      client.listConsumerGroupOffsets({ groups: [{ groupId, topics }], requireStable }),
    );
    const offsets = groups.flatMap(({ topics }) => topics);
    return offsets.flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partitionIndex: partition, committedOffset, metadata }) => {
        // The native client, which wrote it, ends it as C ends a string.
        const [written = ''] = (metadata ?? '').split('\0');
        return { topic, partition, offset: Number(committedOffset), metadata: written };
      }),
    );
  } catch (error) {
    throw kafkaError(`cannot read the offsets of group '${groupId}'`, error);
  }
}

async function fencePredecessors(options: CommittedOptions): Promise<void> {
  const { clients, groupId, partitions, holdersAt = partitions } = options;
  const found = await listedOffsets(clients, groupId, holdersAt, false);
  const holders = new Set(found.map(({ metadata }) => metadata ?? ''));
  const living = await options.living();
  const dead = [...holders].filter((id) => id.startsWith(`${groupId}-`) && !living.has(id));
  // Where that fails the coordinator's timeout ends it; the offsets are waited for in any case.
  await Promise.allSettled(dead.map((holder) => fence(clients, holder)));
}

/**
 * Ends what is open under the id; who used it until now can commit nothing any more.
 *
 * @throws StreamsError `STREAMS_LOG_UNAVAILABLE`, retryable, when that is not certain.
 */
export async function fence(clients: KafkaClients, transactionalId: string): Promise<void> {
  const producer = await clients.producer({ 'transactional.id': transactionalId });
  try {
    await answer((callback) => producer.initTransactions(callTimeoutMs, callback));
  } catch (error) {
    throw kafkaError(`cannot fence '${transactionalId}'`, error);
  } finally {
    await disconnect(producer);
  }
}

function ordered(
  partitions: readonly TopicPartition[],
  found: readonly NativeOffset[],
): (CommittedOffset | undefined)[] {
  const byName = new Map(found.map((one) => [`${one.topic}-${one.partition}`, one]));
  return partitions.map(({ topic, partition }) => {
    const { offset, metadata } = byName.get(`${topic}-${partition}`) ?? {};
    if (offset === undefined || offset < 0) return undefined;
    return { offset: BigInt(offset), holder: metadata ?? '' };
  });
}

function nameOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
