/** From records as the library makes them to what the client takes: partition chosen, limits checked. */
import { StreamsError } from '../../errors.ts';
import type { Header } from '../../record.ts';
import type { ProducedRecord } from '../log.ts';
import { checkMessageSize } from '../message-size.ts';
import { partitionFor } from '../partitioner.ts';
import { type KnownTopic, unknownTopic } from './kafka-topics.ts';
import type { NativeProducer } from './native-client.ts';

export interface RoutedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly record: ProducedRecord;
}

/** Kafka's own limit is that of a 64-bit integer; beyond this, arithmetic would lose milliseconds. */
const largestTimestampMs = 2 ** 51;

export class RecordRouter {
  readonly #known: (topic: string) => KnownTopic | undefined;
  #roundRobin = 0;

  constructor(known: (topic: string) => KnownTopic | undefined) {
    this.#known = known;
  }

  /**
   * @throws StreamsError `STREAMS_TOPIC_UNKNOWN`, `STREAMS_RECORD_INVALID`,
   *   `STREAMS_RECORD_TOO_LARGE`.
   */
  route(record: ProducedRecord): RoutedRecord {
    const topic = this.#known(record.topic);
    if (topic === undefined) throw unknownTopic(record.topic);
    checkRecord(record, topic);
    const partition = record.partition ?? this.#choose(record, topic.partitions);
    if (partition < 0 || partition >= topic.partitions) {
      const message = `'${topic.name}' has partitions 0 to ${topic.partitions - 1}, not ${partition}`;
      throw new StreamsError('STREAMS_TOPIC_UNKNOWN', message);
    }
    return { topic: topic.name, partition, record };
  }

  #choose({ key }: ProducedRecord, partitions: number): number {
    if (key !== null) return partitionFor(key, partitions);
    this.#roundRobin = (this.#roundRobin + 1) % partitions;
    return this.#roundRobin;
  }
}

function checkRecord(record: ProducedRecord, topic: KnownTopic): void {
  const { key, timestampMs } = record;
  if (!Number.isInteger(timestampMs) || timestampMs < 0 || timestampMs > largestTimestampMs) {
    throw new StreamsError(
      'STREAMS_RECORD_INVALID',
      `a record for '${topic.name}' has the timestamp ${timestampMs}: give whole milliseconds since 1970`,
    );
  }
  if (key === null && topic.cleanupPolicy !== 'delete') {
    throw new StreamsError(
      'STREAMS_RECORD_INVALID',
      `a record for '${topic.name}' has no key, which a compacted topic needs to know what it replaces`,
    );
  }
  checkMessageSize(record, topic.maxMessageBytes);
}

/**
 * Hands a record to the client, which copies it.
 *
 * The client takes a timestamp of 0 for "now", so the first millisecond of 1970 becomes the second.
 */
export function produce(producer: NativeProducer, routed: RoutedRecord, opaque?: unknown): void {
  const { key, value, timestampMs, headers } = routed.record;
  producer.produce(
    routed.topic,
    routed.partition,
    value === null ? null : bufferOf(value),
    key === null ? null : bufferOf(key),
    timestampMs === 0 ? 1 : timestampMs,
    opaque,
    headers.length === 0 ? undefined : headers.map(nativeHeader),
  );
}

/** The client writes a buffer without memory as null; this one has memory and no bytes. */
const emptyBuffer = Buffer.allocUnsafeSlow(1).subarray(0, 0);
const nullHeader = Buffer.alloc(0);

function bufferOf(bytes: Uint8Array): Buffer {
  if (bytes.length === 0) return emptyBuffer;
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function nativeHeader({ key, value }: Header): Record<string, Buffer> {
  return { [key]: value === null ? nullHeader : bufferOf(value) };
}
