/**
 * What the driver uses of @confluentinc/kafka-javascript (low-level API, over librdkafka). Written out
 * here, because the client is an optional part whose own declarations lack a part of this.
 *
 * Offsets are numbers in the client; they are exact up to 2^53.
 */

export type NativeSettings = Readonly<Record<string, unknown>>;

export interface NativePartition {
  readonly topic: string;
  readonly partition: number;
}

export interface NativeOffset extends NativePartition {
  /** Absent where a group has committed none. */
  readonly offset?: number;
  readonly metadata?: string | null;
}

export interface NativeMessage extends NativePartition {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Milliseconds since the Unix epoch; -1: none. */
  readonly timestamp: number;
  readonly headers?: readonly Readonly<Record<string, Buffer | string>>[];
}

/** Codes are those of Kafka's protocol; below 0 those of librdkafka. */
export interface NativeError extends Error {
  readonly code: number;
  readonly isFatal?: boolean;
  readonly isRetriable?: boolean;
  readonly isTxnRequiresAbort?: boolean;
}

export type Callback<T = unknown> = (error: NativeError | null | undefined, result: T) => void;

export interface NativeHandle {
  connect(options: object, callback: Callback): void;
  getMetadata(
    options: { readonly allTopics: boolean; readonly timeout: number },
    callback: Callback<unknown>,
  ): void;
  disconnect(callback: Callback): void;
  on(event: string, listener: (...values: never[]) => void): void;
}

export interface NativeConsumer extends NativeHandle {
  consume(count: number, callback: Callback<readonly NativeMessage[]>): void;
  subscribe(topics: readonly string[]): void;
  incrementalAssign(partitions: readonly (NativePartition & { readonly offset: number })[]): void;
  incrementalUnassign(partitions: readonly NativePartition[]): void;
  assignmentLost(): boolean;
  pause(partitions: readonly NativePartition[]): void;
  resume(partitions: readonly NativePartition[]): void;
  seek(
    start: NativePartition & { readonly offset: number },
    timeoutMs: number,
    callback: Callback,
  ): void;
  /** As of the last fetch; throws before the first. */
  getWatermarkOffsets(
    topic: string,
    partition: number,
  ): { readonly lowOffset: number; readonly highOffset: number };
  committed(
    partitions: readonly NativePartition[],
    timeoutMs: number,
    callback: Callback<readonly NativeOffset[]>,
  ): void;
  setDefaultConsumeTimeout(timeoutMs: number): void;
  setDefaultIsTimeoutOnlyForFirstMessage(only: boolean): void;
}

export interface NativeProducer extends NativeHandle {
  produce(
    topic: string,
    partition: number,
    value: Buffer | null,
    key: Buffer | null,
    timestampMs: number,
    opaque?: unknown,
    headers?: readonly Readonly<Record<string, Buffer>>[],
  ): unknown;
  poll(): void;
  setPollInBackground(on: boolean): void;
  flush(timeoutMs: number, callback: Callback): void;
  initTransactions(timeoutMs: number, callback: Callback): void;
  beginTransaction(callback: Callback): void;
  sendOffsetsToTransaction(
    offsets: readonly (NativeOffset & { readonly offset: number })[],
    consumer: NativeConsumer,
    timeoutMs: number,
    callback: Callback,
  ): void;
  commitTransaction(timeoutMs: number, callback: Callback): void;
  abortTransaction(timeoutMs: number, callback: Callback): void;
}

export interface NativeTopicDescription {
  readonly name: string;
  readonly error?: { readonly code: number; readonly message: string };
  readonly partitions: readonly { readonly partition: number; readonly leader?: unknown }[];
  /** Another one when a topic is made anew. */
  readonly topicId?: unknown;
  /** As `AclOperation` numbers them; absent or none when they were not asked for. */
  readonly authorizedOperations?: readonly number[];
}

export interface NativeListedOffset extends NativePartition {
  readonly offset: number;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Limits {
  readonly timeout: number;
}

export interface NativeAdmin {
  createTopic(
    topic: {
      readonly topic: string;
      readonly num_partitions: number;
      readonly replication_factor: number;
      readonly config: Readonly<Record<string, string>>;
    },
    timeoutMs: number,
    callback: Callback,
  ): void;
  createPartitions(topic: string, partitions: number, timeoutMs: number, callback: Callback): void;
  listTopics(limits: Limits, callback: Callback<readonly string[]>): void;
  describeTopics(
    topics: readonly string[],
    options: Limits & { readonly includeAuthorizedOperations?: boolean },
    callback: Callback<readonly NativeTopicDescription[]>,
  ): void;
  listOffsets(
    partitions: readonly (NativePartition & { readonly offset: unknown })[],
    limits: Limits & { readonly isolationLevel: number },
    callback: Callback<readonly NativeListedOffset[]>,
  ): void;
  deleteRecords(
    offsets: readonly (NativePartition & { readonly offset: number })[],
    limits: Limits,
    callback: Callback,
  ): void;
  disconnect(): void;
}

export interface NativeClient {
  readonly KafkaConsumer: new (settings: object, topicSettings: object) => NativeConsumer;
  readonly Producer: new (settings: object, topicSettings: object) => NativeProducer;
  readonly AdminClient: { create(settings: object, listeners?: object): NativeAdmin };
  readonly OffsetSpec: (new (
    timestampMs: number,
  ) => unknown) & { readonly EARLIEST: unknown; readonly LATEST: unknown };
}

/** The client has not answered for so long that it never will: whom it belongs to is of no use. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** As `answer`. @throws NoAnswer after `limitMs`. */
export async function answerWithin<T>(
  limitMs: number,
  call: (callback: Callback<T>) => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([answer(call), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A call of the client as a promise. */
export function answer<T>(call: (callback: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}
