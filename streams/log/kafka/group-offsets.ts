/** The committed offsets of a group, once they are certain. */
import type { TopicPartition } from '../log.ts';
import { disconnect, type KafkaClients } from './kafka-clients.ts';
import { kafkaCode, kafkaError, nativeCode } from './kafka-errors.ts';
import { answer, type NativeConsumer, type NativeOffset } from './native-client.ts';

export interface CommittedOptions {
  readonly clients: KafkaClients;
  readonly groupId: string;
  readonly partitions: readonly TopicPartition[];
  /** Of this group. */
  readonly consumer: NativeConsumer;
  /** Transactional ids of those who are in the group now: nobody takes their place. */
  readonly living: () => Promise<ReadonlySet<string>>;
}

/** A transaction that is being ended takes less; one that nobody ends takes much longer. */
const patienceMs = 300;
const callTimeoutMs = 30_000;

/**
 * Offsets in a transaction that is still open are not certain. Its producer has either been told to
 * give the partitions up, and then has ended it before, or it is dead or asleep: then its
 * transactional id, which it left with the offsets of its commit before, is initialised anew. The
 * coordinator aborts the transaction at once, where it would otherwise wait for its timeout; and
 * should the producer awake, it is fenced.
 */
export async function committedOffsets(
  options: CommittedOptions,
): Promise<readonly (bigint | undefined)[]> {
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
    return ordered(partitions, await ask(callTimeoutMs));
  } catch (error) {
    throw kafkaError(`cannot read the offsets of group '${options.groupId}'`, error);
  }
}

async function fencePredecessors(options: CommittedOptions): Promise<void> {
  const { clients, groupId, partitions } = options;
  const [group] = await answer<readonly { readonly partitions: readonly NativeOffset[] }[]>(
    (callback) =>
      clients.admin.listConsumerGroupOffsets(
        [{ groupId, partitions: partitions.map(nameOf) }],
        { timeout: callTimeoutMs, requireStableOffsets: false },
        callback,
      ),
  );
  const holders = new Set((group?.partitions ?? []).map(({ metadata }) => metadata ?? ''));
  const living = await options.living();
  const dead = [...holders].filter((id) => id.startsWith(`${groupId}-`) && !living.has(id));
  await Promise.all(dead.map((holder) => fence(clients, holder)));
}

async function fence(clients: KafkaClients, transactionalId: string): Promise<void> {
  const producer = await clients.producer({ 'transactional.id': transactionalId });
  try {
    await answer((callback) => producer.initTransactions(callTimeoutMs, callback));
  } catch {
    // Then the coordinator's timeout ends it; the offsets are waited for in any case.
  } finally {
    await disconnect(producer);
  }
}

function ordered(
  partitions: readonly TopicPartition[],
  found: readonly NativeOffset[],
): (bigint | undefined)[] {
  const byName = new Map(found.map((one) => [`${one.topic}-${one.partition}`, one.offset]));
  return partitions.map(({ topic, partition }) => {
    const offset = byName.get(`${topic}-${partition}`);
    return offset === undefined || offset < 0 ? undefined : BigInt(offset);
  });
}

function nameOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
