/** What a sink reads and where it goes: a topic bound to the writer of a view. */
import {
  type ConsumedRecord,
  isUnknownSchema,
  type SchemaRegistry,
  type Serde,
  StreamsError,
  type Topic,
} from '#streams';
import type { Change, ViewWriter } from './views/view.ts';

export interface SinkFeed {
  // biome-ignore lint/suspicious/noExplicitAny: a serde is invariant; `sinkFeed` has checked the pair
  readonly topic: Topic<any, any>;
  readonly writer: ViewWriter<unknown, unknown>;
}

export function sinkFeed<K, V>(topic: Topic<K, V>, writer: ViewWriter<K, V>): SinkFeed {
  return { topic, writer };
}

/** Reads the bytes of one topic as changes of a view. */
export interface ChangeDecoder {
  /** @throws StreamsError `STREAMS_RECORD_UNDECODABLE`: this record will never be readable. */
  decode(record: ConsumedRecord): Promise<Change<unknown, unknown>>;
}

export async function changeDecoder(
  { topic }: SinkFeed,
  registry: SchemaRegistry,
): Promise<ChangeDecoder> {
  const [key, value] = await Promise.all(
    (['key', 'value'] as const).map((part) => bound(topic[part], topic.name, part, registry)),
  );
  return {
    async decode(record) {
      if (record.key === null) throw undecodable('it has no key, so it belongs to no entry');
      const [keyBytes, valueBytes] = [record.key, record.value];
      return {
        key: await decoded(key as Serde<unknown>, keyBytes, registry),
        value:
          valueBytes === null ? null : await decoded(value as Serde<unknown>, valueBytes, registry),
        timestampMs: record.timestampMs,
        offset: record.offset,
      };
    },
  };
}

async function bound(
  serde: Serde<unknown>,
  topic: string,
  part: 'key' | 'value',
  registry: SchemaRegistry,
): Promise<Serde<unknown>> {
  return serde.forTopic === undefined ? serde : serde.forTopic({ topic, part, registry });
}

async function decoded(
  serde: Serde<unknown>,
  bytes: Uint8Array,
  registry: SchemaRegistry,
): Promise<unknown> {
  try {
    return serde.deserialize(bytes);
  } catch (error) {
    if (!isUnknownSchema(error)) throw asUndecodable(error);
    await registered(registry, error.schemaId);
  }
  try {
    return serde.deserialize(bytes);
  } catch (error) {
    throw asUndecodable(error);
  }
}

/** A schema that the registry does not have makes a record unreadable; a silent registry does not. */
async function registered(registry: SchemaRegistry, id: number): Promise<void> {
  try {
    await registry.load(id);
  } catch (error) {
    if (error instanceof StreamsError && error.code === 'STREAMS_SCHEMA_UNKNOWN') {
      throw asUndecodable(error);
    }
    throw error;
  }
}

function asUndecodable(error: unknown): StreamsError {
  if (error instanceof StreamsError && error.code === 'STREAMS_RECORD_UNDECODABLE') return error;
  return undecodable(error instanceof Error ? error.message : String(error), error);
}

function undecodable(reason: string, cause?: unknown): StreamsError {
  return new StreamsError('STREAMS_RECORD_UNDECODABLE', `cannot read a record: ${reason}`, {
    cause,
  });
}
