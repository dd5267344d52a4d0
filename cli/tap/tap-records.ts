/** Reads a topic as a person or a program wants to see it: decoded, filtered, to an end or on. */

import { allTopics } from '#schemas/all-topics';
import {
  type ConsumedRecord,
  type Log,
  type SchemaRegistry,
  type Serde,
  StreamsError,
  type TopicPartition,
  topicSerdes,
} from '#streams';
import type { TapRecord as DecodedRecord, TapStart } from '../../serving/taps/taps.ts';

export interface TapOptions {
  readonly topic: string;
  readonly from: TapStart;
  /** Goes on with what is written later, until `signal`; else ends where the topic ends now. */
  readonly follow: boolean;
  /** Records before this time only, milliseconds since the Unix epoch. */
  readonly beforeMs?: number | undefined;
  /** Records of this key only. */
  readonly key?: string | undefined;
  readonly limit?: number | undefined;
  readonly signal: AbortSignal;
}

export interface TapRecord extends DecodedRecord {
  /** Only when the value could not be decoded: why, and its bytes as base64. */
  readonly undecodable?: { readonly reason: string; readonly base64: string };
}

interface Decoders {
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
}

/** @throws StreamsError `STREAMS_TOPIC_UNKNOWN` */
export async function* tapRecords(
  log: Log,
  registry: SchemaRegistry,
  options: TapOptions,
): AsyncGenerator<TapRecord> {
  const { topic, follow, signal, limit = Number.POSITIVE_INFINITY } = options;
  const description = await log.describeTopic(topic);
  const decoders = await decodersOf(topic, registry);
  const ends = description.offsets.map(({ end }) => end);
  const reader = log.openReader();
  try {
    const next = await startOffsets(log, topic, description.offsets, options.from);
    reader.assign(next.map((offset, partition) => ({ topic, partition, offset })));
    let sent = 0;
    while (!signal.aborted && sent < limit) {
      if (!follow && next.every((offset, partition) => offset >= (ends[partition] ?? 0n))) return;
      const batches = await reader.poll({ maxRecords: 500, maxWaitMs: 250 });
      for (const { partition, records, nextOffset } of batches) {
        next[partition] = nextOffset;
        for (const record of records) {
          if (sent >= limit || signal.aborted) return;
          const past = !follow && record.offset >= (ends[partition] ?? 0n);
          if (past || !isWanted(record, options)) continue;
          sent += 1;
          yield decoded(record, { topic, partition }, decoders);
        }
      }
    }
  } finally {
    await reader.close();
  }
}

function isWanted(record: ConsumedRecord, { beforeMs, key }: TapOptions): boolean {
  if (beforeMs !== undefined && record.timestampMs >= beforeMs) return false;
  return key === undefined || (record.key !== null && Buffer.from(record.key).toString() === key);
}

async function startOffsets(
  log: Log,
  topic: string,
  offsets: readonly { readonly beginning: bigint; readonly end: bigint }[],
  from: TapStart,
): Promise<bigint[]> {
  if (from === 'earliest') return offsets.map(({ beginning }) => beginning);
  if (from === 'latest') return offsets.map(({ end }) => end);
  if ('timeMs' in from)
    return Promise.all(
      offsets.map((_, partition) => log.offsetForTime({ topic, partition }, from.timeMs)),
    );
  return offsets.map(({ beginning, end }) => clamp(from.offset, beginning, end));
}

const clamp = (offset: bigint, least: bigint, most: bigint) =>
  offset < least ? least : offset > most ? most : offset;

async function decodersOf(name: string, registry: SchemaRegistry): Promise<Decoders | undefined> {
  const declared = allTopics.find((topic) => topic.name === name);
  if (!declared) return undefined;
  return topicSerdes(declared, registry);
}

function decoded(
  record: ConsumedRecord,
  { topic, partition }: TopicPartition,
  decoders: Decoders | undefined,
): TapRecord {
  const place = {
    topic,
    partition,
    offset: record.offset.toString(),
    timestampMs: record.timestampMs,
    headers: Object.fromEntries(record.headers.map(({ key, value }) => [key, text(value)])),
  };
  const key = text(record.key);
  if (record.value === null) return { ...place, key, value: null };
  try {
    if (!decoders)
      throw new StreamsError('STREAMS_RECORD_UNDECODABLE', 'nobody declares this topic');
    return { ...place, key, value: decoders.value.deserialize(record.value) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const base64 = Buffer.from(record.value).toString('base64');
    return { ...place, key, value: null, undecodable: { reason, base64 } };
  }
}

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());
