/** The ceilings: consume, transform, produce, exactly once, and read a changelog, with the client alone. */
import {
  type ConsumedMessage,
  call,
  type NativeConsumer,
  type NativeProducer,
  newConsumer,
  newProducer,
} from '../native-client.ts';
import type { ProgramOptions } from './program-options.ts';
import { recordHandled, reportEvent } from './run-report.ts';

/** What a loop does with each value, and how long it waits for one more before it commits. */
export interface BareWork {
  /** Without the prefix of the run. */
  readonly input: string;
  readonly transform: (value: Buffer | null) => Buffer;
  readonly drainedMs: number;
}

export const bareMap: BareWork = {
  input: 'events',
  transform: (value) => Buffer.from(value?.toString().toUpperCase() ?? ''),
  drainedMs: 20,
};

/** In: 8 bytes of microseconds and padding. Out: as the count writes them, without a count. */
export const bareLatency: BareWork = {
  input: 'latency',
  transform: (value) => Buffer.concat([Buffer.alloc(8), value?.subarray(0, 8) ?? Buffer.alloc(8)]),
  drainedMs: 1,
};

const timeoutMs = 30_000;
/** librdkafka's code for a rebalance that assigns; the other revokes. */
const assignPartitions = -175;

export async function runBareLoop(
  options: ProgramOptions,
  { input, transform, drainedMs }: BareWork,
  toldToEnd: Promise<void>,
): Promise<void> {
  let ended = false;
  void toldToEnd.then(() => {
    ended = true;
  });
  let transaction: Promise<void> = Promise.resolve();
  const consumer = consumerOf(options, () => transaction);
  const producer = producerOf(options);
  await call((done) => producer.connect({}, done));
  await call((done) => producer.initTransactions(timeoutMs, done));
  await call((done) => consumer.connect({}, done));
  consumer.setDefaultConsumeTimeout(drainedMs);
  consumer.subscribe([options.prefix + input]);
  reportEvent('running', { restoredRecords: 0 });
  while (!ended) {
    const batch = await call<ConsumedMessage[]>((done) =>
      consumer.consume(options.transactionRecords, done),
    );
    if (batch.length === 0) continue;
    transaction = transact(batch, { transform, output: options.output, consumer, producer });
    await transaction;
  }
  await call((done) => consumer.disconnect(done));
  await call((done) => producer.disconnect(done));
}

interface BareTransaction extends Pick<BareWork, 'transform'> {
  readonly output: string;
  readonly consumer: NativeConsumer;
  readonly producer: NativeProducer;
}

async function transact(
  batch: readonly ConsumedMessage[],
  { transform, output, consumer, producer }: BareTransaction,
): Promise<void> {
  await call((done) => producer.beginTransaction(done));
  const next = new Map<number, ConsumedMessage>();
  for (const message of batch) {
    recordHandled();
    producer.produce(output, null, transform(message.value), message.key, message.timestamp);
    next.set(message.partition, message);
  }
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
