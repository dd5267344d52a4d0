/** The ceilings: consume, transform, produce, exactly once, and read a changelog, with the client alone. */
import {
  type ConsumedMessage,
  call,
  type NativeConsumer,
  type NativeProducer,
  newAdmin,
  newConsumer,
  newProducer,
} from '../native-client.ts';
import type { ProgramOptions } from './program-options.ts';
import { recordHandled, reportEvent } from './run-report.ts';

interface BareOutput {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly timestamp: number;
}

/** What a loop reads, what it makes of it, and how long it waits for one more record before it commits. */
export interface BareWork {
  readonly inputs: readonly string[];
  /** Of its own, which it makes. */
  readonly topics: readonly string[];
  /** What the records of a transaction come to. */
  readonly work: (batch: readonly ConsumedMessage[]) => readonly BareOutput[];
  readonly drainedMs: number;
}

export function bareMap({ prefix, output: topic }: ProgramOptions): BareWork {
  const upperCase = (value: Buffer | null) => Buffer.from(value?.toString().toUpperCase() ?? '');
  return {
    inputs: [`${prefix}events`],
    topics: [],
    work: (batch) => batch.map((record) => ({ ...record, topic, value: upperCase(record.value) })),
    drainedMs: 20,
  };
}

/** In: 8 bytes of microseconds and padding. Out: as the count writes them, without a count. */
export function bareLatency({ prefix, output: topic }: ProgramOptions): BareWork {
  const stamp = (value: Buffer | null) => value?.subarray(0, 8) ?? Buffer.alloc(8);
  return {
    inputs: [`${prefix}latency`],
    topics: [],
    work: (batch) =>
      batch.map((record) => {
        return { ...record, topic, value: Buffer.concat([Buffer.alloc(8), stamp(record.value)]) };
      }),
    drainedMs: 1,
  };
}

/**
 * Events under another key into a topic of its own, from there a count of each key. The counts are in
 * memory; output and changelog have those that changed in a transaction, as with a record cache.
 */
export function bareRepartition({ prefix, output, application }: ProgramOptions): BareWork {
  const repartition = `${application}-by-suffix-repartition`;
  const changelog = `${application}-counts-changelog`;
  const counts = new Map<string, number>();
  return {
    inputs: [`${prefix}events`, repartition],
    topics: [repartition, changelog],
    work(batch) {
      const outputs: BareOutput[] = [];
      const changed = new Map<string, number>();
      for (const { topic, key, value, timestamp } of batch) {
        const text = `${key}`;
        if (topic === repartition) {
          counts.set(text, (counts.get(text) ?? 0) + 1);
          changed.set(text, timestamp);
        } else {
          const newKey = Buffer.from(`r${text.slice(2)}`);
          outputs.push({
            topic: repartition,
            key: newKey,
            value: value ?? Buffer.alloc(0),
            timestamp,
          });
        }
      }
      for (const [text, timestamp] of changed) {
        const value = Buffer.alloc(8);
        value.writeBigInt64BE(BigInt(counts.get(text) ?? 0));
        const record = { key: Buffer.from(text), value, timestamp };
        outputs.push({ ...record, topic: changelog }, { ...record, topic: output });
      }
      return outputs;
    },
    drainedMs: 20,
  };
}

const timeoutMs = 30_000;
/** As many as the inputs have. */
const partitions = 4;
/** librdkafka's code for a rebalance that assigns; the other revokes. */
const assignPartitions = -175;

export async function runBareLoop(
  options: ProgramOptions,
  { inputs, topics, work, drainedMs }: BareWork,
  toldToEnd: Promise<void>,
): Promise<void> {
  let ended = false;
  void toldToEnd.then(() => {
    ended = true;
  });
  await makeTopics(options, topics);
  let transaction: Promise<void> = Promise.resolve();
  const consumer = consumerOf(options, () => transaction);
  const producer = producerOf(options);
  await call((done) => producer.connect({}, done));
  await call((done) => producer.initTransactions(timeoutMs, done));
  await call((done) => consumer.connect({}, done));
  consumer.setDefaultConsumeTimeout(drainedMs);
  consumer.subscribe(inputs);
  reportEvent('running', { restoredRecords: 0 });
  while (!ended) {
    const batch = await call<ConsumedMessage[]>((done) =>
      consumer.consume(options.transactionRecords, done),
    );
    if (batch.length === 0) continue;
    transaction = transact(batch, { work, consumer, producer });
    await transaction;
  }
  await call((done) => consumer.disconnect(done));
  await call((done) => producer.disconnect(done));
}

async function makeTopics({ bootstrap }: ProgramOptions, topics: readonly string[]): Promise<void> {
  if (topics.length === 0) return;
  const admin = newAdmin(bootstrap);
  for (const topic of topics) {
    const settings = { topic, num_partitions: partitions, replication_factor: 1 };
    await call((done) => admin.createTopic(settings, timeoutMs, done));
  }
  admin.disconnect();
}

interface BareTransaction extends Pick<BareWork, 'work'> {
  readonly consumer: NativeConsumer;
  readonly producer: NativeProducer;
}

async function transact(
  batch: readonly ConsumedMessage[],
  { work, consumer, producer }: BareTransaction,
): Promise<void> {
  await call((done) => producer.beginTransaction(done));
  recordHandled();
  for (const { topic, key, value, timestamp } of work(batch)) {
    producer.produce(topic, null, value, key, timestamp);
  }
  const next = new Map(batch.map((message) => [`${message.topic}-${message.partition}`, message]));
  const offsets = [...next.values()].map(({ topic, partition, offset }) => {
    return { topic, partition, offset: offset + 1 };
  });
  await call((done) => producer.sendOffsetsToTransaction(offsets, consumer, timeoutMs, done));
  await call((done) => producer.commitTransaction(timeoutMs, done));
}

/** A revoke is answered when the transaction has ended: else it would commit for the next owner. */
function consumerOf(
  { bootstrap, application }: ProgramOptions,
  transaction: () => Promise<void>,
): NativeConsumer {
  const settings = {
    'bootstrap.servers': bootstrap,
    'group.id': application,
    'enable.auto.commit': false,
    'isolation.level': 'read_committed',
    'partition.assignment.strategy': 'range',
    rebalance_cb(this: NativeConsumer, event: { code: number }, partitions: never[]) {
      if (event.code === assignPartitions) this.assign(partitions);
      else {
        const unassign = () => this.unassign();
        transaction().then(unassign, unassign);
      }
    },
  };
  return newConsumer(settings, { 'auto.offset.reset': 'earliest' });
}

function producerOf({ bootstrap, application }: ProgramOptions): NativeProducer {
  return newProducer({
    'bootstrap.servers': bootstrap,
    'transactional.id': application,
    'linger.ms': 5,
    'retry.backoff.ms': 5,
    'retry.backoff.max.ms': 100,
    'compression.codec': 'lz4',
  });
}
