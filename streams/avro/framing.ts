/**
 * Confluent's wire format around Avro: a zero byte, the id of the writer's schema as four bytes
 * big-endian, then the Avro bytes.
 */
import { StreamsError } from '../errors.ts';
import type { Serde } from '../serde.ts';
import { type Codec, type Decode, undecodable } from './codec.ts';
import type { SchemaRegistry } from './registry.ts';

const frameBytes = 5;

/** The schema of a record is not here yet: `registry.load(schemaId)`, then decode again. */
export interface UnknownSchemaError extends StreamsError {
  readonly schemaId: number;
}

/** Whether an error says that a schema has to be loaded first. */
export function isUnknownSchema(error: unknown): error is UnknownSchemaError {
  return (
    error instanceof StreamsError && error.code === 'STREAMS_SCHEMA_UNKNOWN' && 'schemaId' in error
  );
}

/** Writes with `ownId`, the id of the codec's schema; reads what any registered schema wrote. */
export function framedSerde<T>(codec: Codec, ownId: number, registry: SchemaRegistry): Serde<T> {
  const frame = Buffer.alloc(frameBytes);
  frame.writeInt32BE(ownId, 1);

  // Also holds failures: a schema that cannot be read stays so for each of its records.
  const decoders = new Map<number, Decode>([[ownId, codec.decode]]);

  return {
    serialize: (value) => codec.encode(value, frame),

    deserialize: (bytes) => {
      const id = schemaIdOf(bytes);
      let decode = decoders.get(id);
      if (decode === undefined) {
        const writer = registry.schema(id);
        if (writer === undefined) throw unknownSchema(id);
        decode = decoderOrFailure(() => codec.decoderOf(writer));
        decoders.set(id, decode);
      }
      return decode(bytes, frameBytes) as T;
    },
  };
}

function decoderOrFailure(make: () => Decode): Decode {
  try {
    return make();
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function schemaIdOf(bytes: Uint8Array): number {
  if (bytes.length < frameBytes) {
    throw undecodable(
      `a record of ${bytes.length} bytes is truncated: Confluent's wire format begins with a ` +
        'zero byte and a schema id of four bytes',
    );
  }
  if (bytes[0] !== 0) {
    throw undecodable(
      `a record begins with byte ${bytes[0]}, not with the zero byte of Confluent's wire format; ` +
        'was it written without a schema registry?',
    );
  }
  const [, a = 0, b = 0, c = 0, d = 0] = bytes;
  return (a << 24) | (b << 16) | (c << 8) | d;
}

function unknownSchema(schemaId: number): UnknownSchemaError {
  const message = `no schema with id ${schemaId} is known here yet: load it from the registry`;
  const error = new StreamsError('STREAMS_SCHEMA_UNKNOWN', message, { retryable: true });
  return Object.assign(error, { schemaId });
}
