/** Serdes without a schema, byte for byte as Kafka's own write them. Equivalent: Serdes. */
import { asBuffer, readInt64, writeInt64 } from './bytes.ts';
import { StreamsError } from './errors.ts';
import type { Serde } from './serde.ts';
import type { SessionWindow } from './windows/session-windows.ts';
import type { Windowed } from './windows/time-windows.ts';

/** Without the detour over encodings' names, for every key of every record. */
const utf8Slice = Buffer.prototype.utf8Slice as (start: number, end: number) => string;

/** UTF-8. As in Kafka, an unpaired surrogate becomes a replacement character. */
export const stringSerde: Serde<string> = {
  serialize: (value) => {
    if (typeof value !== 'string') throw unencodable('a string', value);
    return Buffer.from(value, 'utf8');
  },
  deserialize: (bytes) => utf8Slice.call(bytes as Buffer, 0, bytes.length),
};

/** 64 bits, big-endian, as a whole number within plus or minus 2^53. Equivalent: LongSerializer. */
export const longSerde: Serde<number> = {
  serialize: (value) => {
    if (!Number.isSafeInteger(value)) throw unencodable('a whole number within 2^53', value);
    const bytes = Buffer.allocUnsafe(8);
    writeInt64(bytes, 0, value);
    return bytes;
  },
  deserialize: (bytes) => {
    checkLength('a long', bytes, 8);
    return readLong(asBuffer(bytes), 0);
  },
};

/** 32 bits, big-endian. Equivalent: IntegerSerializer. */
export const intSerde: Serde<number> = {
  serialize: (value) => {
    if (value !== (value | 0)) throw unencodable('a whole number of 32 bits', value);
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeInt32BE(value, 0);
    return bytes;
  },
  deserialize: (bytes) => {
    checkLength('an int', bytes, 4);
    return asBuffer(bytes).readInt32BE(0);
  },
};

/** The bytes themselves, not a copy. */
export const bytesSerde: Serde<Uint8Array> = {
  serialize: (value) => {
    if (!(value instanceof Uint8Array)) throw unencodable('bytes (a Uint8Array)', value);
    return value;
  },
  deserialize: (bytes) => bytes,
};

/** JSON as UTF-8. What JSON cannot say (`undefined`, a bigint, a cycle) is refused at the top. */
export function jsonSerde<T>(): Serde<T> {
  return {
    serialize: (value) => {
      let text: string | undefined;
      try {
        text = JSON.stringify(value);
      } catch (cause) {
        throw unencodable('a value that JSON can hold', value, cause);
      }
      if (text === undefined) throw unencodable('a value that JSON can hold', value);
      return Buffer.from(text, 'utf8');
    },
    deserialize: (bytes) => {
      try {
        return JSON.parse(asBuffer(bytes).toString('utf8')) as T;
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw undecodable(`${bytes.length} bytes are not JSON: ${reason}`, cause);
      }
    },
  };
}

/**
 * A key and the start of its window: `key ‖ int64 start`. The size is not stored, so every reader
 * has to be told it. Equivalent: TimeWindowedSerializer, TimeWindowedDeserializer.
 */
export function windowedSerde<K>(inner: Serde<K>, sizeMs: number): Serde<Windowed<K>> {
  if (!Number.isSafeInteger(sizeMs) || sizeMs <= 0) {
    const message = `windowedSerde: sizeMs is ${sizeMs}, it must be a whole number above 0`;
    throw new StreamsError('STREAMS_CONFIG_INVALID', message);
  }
  const { forTopic } = inner;
  return {
    serialize: ({ key, window }) => {
      const { startMs } = window;
      if (!Number.isSafeInteger(startMs)) throw unencodable('a window start within 2^53', startMs);
      const keyBytes = inner.serialize(key);
      const bytes = Buffer.allocUnsafe(keyBytes.length + 8);
      bytes.set(keyBytes, 0);
      writeInt64(bytes, keyBytes.length, startMs);
      return bytes;
    },
    deserialize: (bytes) => {
      const keyLength = bytes.length - 8;
      if (keyLength < 0) {
        throw undecodable(
          `a windowed key ends with 8 bytes of window start, found ${bytes.length}`,
        );
      }
      const startMs = readLong(asBuffer(bytes), keyLength);
      const key = inner.deserialize(bytes.subarray(0, keyLength));
      return { key, window: { startMs, endMs: startMs + sizeMs } };
    },
    partitionedBy: (bytes) => bytes.subarray(0, bytes.length - 8),
    ...(forTopic && { forTopic: async (use) => windowedSerde(await forTopic(use), sizeMs) }),
  };
}

/**
 * A key and its session: `key ‖ int64 end ‖ int64 start`. Equivalent: SessionWindowedSerializer,
 * SessionWindowedDeserializer.
 */
export function sessionWindowedSerde<K>(inner: Serde<K>): Serde<Windowed<K, SessionWindow>> {
  const { forTopic } = inner;
  return {
    serialize: ({ key, window: { startMs, endMs } }) => {
      for (const bound of [startMs, endMs]) {
        if (!Number.isSafeInteger(bound)) throw unencodable('a session bound within 2^53', bound);
      }
      const keyBytes = inner.serialize(key);
      const bytes = Buffer.allocUnsafe(keyBytes.length + sessionLength);
      bytes.set(keyBytes, 0);
      writeInt64(bytes, keyBytes.length, endMs);
      writeInt64(bytes, keyBytes.length + 8, startMs);
      return bytes;
    },
    deserialize: (bytes) => {
      const keyLength = bytes.length - sessionLength;
      if (keyLength < 0) {
        throw undecodable(`a session's key ends with 16 bytes of its times, found ${bytes.length}`);
      }
      const endMs = readLong(asBuffer(bytes), keyLength);
      const startMs = readLong(asBuffer(bytes), keyLength + 8);
      return { key: inner.deserialize(bytes.subarray(0, keyLength)), window: { startMs, endMs } };
    },
    partitionedBy: (bytes) => bytes.subarray(0, bytes.length - sessionLength),
    ...(forTopic && { forTopic: async (use) => sessionWindowedSerde(await forTopic(use)) }),
  };
}

/** Bytes of a session's end and start. */
const sessionLength = 16;

function readLong(bytes: Buffer, at: number): number {
  const value = readInt64(bytes, at);
  if (Number.isSafeInteger(value)) return value;
  throw undecodable(`a long is beyond 2^53: ${bytes.readBigInt64BE(at)}`);
}

function checkLength(what: string, bytes: Uint8Array, expected: number): void {
  if (bytes.length === expected) return;
  throw undecodable(`${what} takes ${expected} bytes, found ${bytes.length}`);
}

function unencodable(expected: string, found: unknown, cause?: unknown): StreamsError {
  const shown = typeof found === 'object' ? 'an object' : `${typeof found} ${String(found)}`;
  const message = `cannot encode: expected ${expected}, found ${shown}`;
  return new StreamsError('STREAMS_RECORD_UNENCODABLE', message, { cause });
}

function undecodable(message: string, cause?: unknown): StreamsError {
  return new StreamsError('STREAMS_RECORD_UNDECODABLE', message, { cause });
}
