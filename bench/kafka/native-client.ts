/**
 * What the harness and the bare loop use of @confluentinc/kafka-javascript, its low-level API.
 *
 * The package is native and installed apart (`npm run kafka:install`): nothing here needs its types.
 */
import { createRequire } from 'node:module';

export interface PartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface ConsumedMessage extends PartitionOffset {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
}

/** A result, or the error that librdkafka had instead. */
type Callback<T = unknown> = (error: unknown, result: T) => void;

interface NativeConnection {
  connect(metadata: object, callback: Callback): void;
  disconnect(callback: Callback): void;
}

export interface NativeConsumer extends NativeConnection {
  assign(partitions: readonly PartitionOffset[]): void;
  unassign(): void;
  seek(to: PartitionOffset, timeoutMs: number, callback: Callback): void;
  incrementalAssign(partitions: readonly PartitionOffset[]): void;
  incrementalUnassign(partitions: readonly PartitionOffset[]): void;
  subscribe(topics: readonly string[]): void;
  setDefaultConsumeTimeout(timeoutMs: number): void;
  consume(count: number, callback: Callback<ConsumedMessage[]>): void;
  queryWatermarkOffsets(
    topic: string,
    partition: number,
    timeoutMs: number,
    callback: Callback<{ readonly lowOffset: number; readonly highOffset: number }>,
  ): void;
  on(event: 'partition.eof', listener: (at: PartitionOffset) => void): void;
}

export interface NativeProducer extends NativeConnection {
  /** Throws code -184 when the queue is full. */
  produce(
    topic: string,
    partition: number | null,
    value: Buffer | null,
    key: Buffer | null,
    timestampMs: number,
  ): void;
  poll(): void;
  flush(timeoutMs: number, callback: Callback): void;
  initTransactions(timeoutMs: number, callback: Callback): void;
  beginTransaction(callback: Callback): void;
  sendOffsetsToTransaction(
    offsets: readonly PartitionOffset[],
    consumer: NativeConsumer,
    timeoutMs: number,
    callback: Callback,
  ): void;
  abortTransaction(timeoutMs: number, callback: Callback): void;
  commitTransaction(timeoutMs: number, callback: Callback): void;
}

export interface NativeAdmin {
  createTopic(topic: object, timeoutMs: number, callback: Callback): void;
  deleteTopic(topic: string, timeoutMs: number, callback: Callback): void;
  listTopics(options: object, callback: Callback<string[]>): void;
  listConsumerGroupOffsets(
    groups: readonly { readonly groupId: string }[],
    options: object,
    callback: Callback<readonly { readonly partitions: readonly PartitionOffset[] }[]>,
  ): void;
  disconnect(): void;
}

type Settings = Readonly<Record<string, unknown>>;

interface NativeClient {
  readonly KafkaConsumer: new (settings: Settings, topicSettings: Settings) => NativeConsumer;
  readonly Producer: new (settings: Settings, topicSettings: Settings) => NativeProducer;
  readonly AdminClient: { create(settings: Settings): NativeAdmin };
}

/** Where the Kafka driver finds it: beside the driver, or as a dependency of the repository. */
const nearTheDriver = new URL('../../streams/log/kafka/client/package.json', import.meta.url);
const client = createRequire(nearTheDriver)('@confluentinc/kafka-javascript') as NativeClient;

export function newConsumer(settings: Settings, topicSettings: Settings = {}): NativeConsumer {
  return new client.KafkaConsumer(settings, topicSettings);
}

/** Places records as Kafka's Java clients do. */
export function newProducer(settings: Settings): NativeProducer {
  return new client.Producer(settings, { partitioner: 'murmur2_random' });
}

export function newAdmin(bootstrap: string): NativeAdmin {
  return client.AdminClient.create({ 'bootstrap.servers': bootstrap });
}

/** Turns a call with a callback into a promise. */
export function call<T>(invoke: (callback: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    invoke((error, result) => (error ? reject(asError(error)) : resolve(result)));
  });
}

function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  return new Error(`kafka client: ${JSON.stringify(error)}`);
}
