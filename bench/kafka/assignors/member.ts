/**
 * A member of a group with the client alone: what it reads it writes, exactly once, into the same partition
 * of the output under its own name. Ends by SIGTERM.
 *
 *   node --import tsx bench/kafka/assignors/member.ts <bootstrap> <group> <input> <output> <design> <name> <instance id, or nothing>
 */
import {
  type ConsumedMessage,
  call,
  type NativeConsumer,
  newConsumer,
  newProducer,
  type PartitionOffset,
} from '../native-client.ts';
import { designs, transactionTimeoutMs } from './designs.ts';

const [bootstrap = '', group = '', input = '', output = '', designName, name = '', instanceId] =
  process.argv.slice(2);
const design = designs.find((one) => one.name === designName);
if (design === undefined) throw new Error(`no design '${designName}'`);

const timeoutMs = 30_000;
const assignPartitions = -175;
const key = Buffer.from(name);
let ended = false;
process.once('SIGTERM', () => {
  ended = true;
});
let transaction: Promise<void> = Promise.resolve();

const consumer = newConsumer(
  {
    ...design.settings,
    ...(instanceId && { 'group.instance.id': instanceId }),
    'bootstrap.servers': bootstrap,
    'group.id': group,
    'enable.auto.commit': false,
    'isolation.level': 'read_committed',
    'fetch.wait.max.ms': 200,
    rebalance_cb(this: NativeConsumer, { code }: { code: number }, partitions: PartitionOffset[]) {
      if (code === assignPartitions) {
        if (design.isIncremental) this.incrementalAssign(partitions);
        else this.assign(partitions);
        return;
      }
      const unassign = () => {
        if (design.isIncremental) this.incrementalUnassign(partitions);
        else this.unassign();
      };
      transaction.then(unassign, unassign);
    },
  },
  { 'auto.offset.reset': 'latest' },
);
const producer = newProducer({
  'bootstrap.servers': bootstrap,
  'transactional.id': `${group}-${name}`,
  'linger.ms': 0,
  'transaction.timeout.ms': transactionTimeoutMs,
});
await call((done) => producer.connect({}, done));
await call((done) => producer.initTransactions(timeoutMs, done));
await call((done) => consumer.connect({}, done));
consumer.setDefaultConsumeTimeout(5);
consumer.subscribe([input]);
while (!ended) {
  const batch = await call<ConsumedMessage[]>((done) => consumer.consume(500, done));
  if (batch.length === 0) continue;
  transaction = copy(batch).catch((error: unknown) => undo(batch, error));
  await transaction;
}
await call((done) => consumer.disconnect(done));
await call((done) => producer.disconnect(done));

/** A rebalance was faster: what is still its own is read once more. */
async function undo(batch: readonly ConsumedMessage[], error: unknown): Promise<void> {
  if (!(error as { isTxnRequiresAbort?: boolean }).isTxnRequiresAbort) throw error;
  await call((done) => producer.abortTransaction(timeoutMs, done));
  const first = new Map<number, ConsumedMessage>();
  for (const message of batch) {
    if (!first.has(message.partition)) first.set(message.partition, message);
  }
  for (const { topic, partition, offset } of first.values()) {
    await call((done) => consumer.seek({ topic, partition, offset }, timeoutMs, done)).catch(
      () => undefined, // It is another's by now, who begins behind the last commit.
    );
  }
}

async function copy(batch: readonly ConsumedMessage[]): Promise<void> {
  await call((done) => producer.beginTransaction(done));
  const next = new Map<number, PartitionOffset>();
  for (const { topic, partition, offset, value, timestamp } of batch) {
    producer.produce(output, partition, value, key, timestamp);
    next.set(partition, { topic, partition, offset: offset + 1 });
  }
  await call((done) =>
    producer.sendOffsetsToTransaction([...next.values()], consumer, timeoutMs, done),
  );
  await call((done) => producer.commitTransaction(timeoutMs, done));
}
