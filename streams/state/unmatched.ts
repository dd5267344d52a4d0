/**
 * What a left or outer join keeps of the records that found no match yet, byte for byte as Kafka
 * Streams': `int64 time ‖ byte left? ‖ key`, and a list of values, because records may have key and
 * time in common. In this order the records whose windows close first come first.
 *
 * Equivalent: TimestampedKeyAndJoinSideSerde, ListSerde of LeftOrRightValueSerde.
 */
import { asBuffer, readInt64, writeInt64 } from '../bytes.ts';
import { StreamsError } from '../errors.ts';
import type { Serde } from '../serde.ts';

/** Where a record without a match is kept. Without a key: before every key of its time and side. */
export interface UnmatchedKey<K> {
  readonly timestampMs: number;
  readonly isLeft: boolean;
  readonly key: K | undefined;
}

/** Values of records with one key and time on one side, in the order of their coming. */
export interface UnmatchedValues {
  readonly isLeft: boolean;
  readonly values: readonly unknown[];
}

/** Bytes of time and side. */
const prefixLength = 9;

export function unmatchedKeySerde<K>(inner: Serde<K>): Serde<UnmatchedKey<K>> {
  const { forTopic, asKey } = inner;
  return {
    serialize: ({ timestampMs, isLeft, key }) => {
      const keyBytes = key === undefined ? new Uint8Array(0) : inner.serialize(key);
      const bytes = Buffer.allocUnsafe(prefixLength + keyBytes.length);
      writeInt64(bytes, 0, timestampMs);
      bytes[8] = isLeft ? 1 : 0;
      bytes.set(keyBytes, prefixLength);
      return bytes;
    },
    deserialize: (bytes) => ({
      timestampMs: readInt64(bytes, 0),
      isLeft: bytes[8] === 1,
      key: inner.deserialize(bytes.subarray(prefixLength)),
    }),
    ...(forTopic && { forTopic: async (use) => unmatchedKeySerde(await forTopic(use)) }),
    ...(asKey && { asKey: unmatchedKeySerde(asKey) }),
  };
}

/** Kafka Streams' mark of a list whose elements differ in length. */
const variableSize = 1;
const headLength = 5;

/** `byte 1 ‖ int32 count ‖ (int32 length ‖ byte left? ‖ value)*`. */
export function unmatchedValuesSerde<L, R>(
  left: Serde<L>,
  right: Serde<R>,
): Serde<UnmatchedValues> {
  const sides = { left: left as Serde<unknown>, right: right as Serde<unknown> };
  return {
    serialize: ({ isLeft, values }) => {
      const serde = isLeft ? sides.left : sides.right;
      return encodeList(
        isLeft,
        values.map((value) => serde.serialize(value)),
      );
    },
    deserialize: (bytes) => {
      const { isLeft, values } = decodeList(asBuffer(bytes));
      const serde = isLeft ? sides.left : sides.right;
      return { isLeft, values: values.map((value) => serde.deserialize(value)) };
    },
    ...((left.forTopic || right.forTopic) && {
      // Each side is a subject of its own: one cannot hold two schemas that have nothing in common.
      forTopic: async ({ topic, ...use }) =>
        unmatchedValuesSerde<L, R>(
          (await left.forTopic?.({ topic: `${topic}-left`, ...use })) ?? left,
          (await right.forTopic?.({ topic: `${topic}-right`, ...use })) ?? right,
        ),
    }),
  };
}

function encodeList(isLeft: boolean, encoded: readonly Uint8Array[]): Uint8Array {
  const length = encoded.reduce((sum, value) => sum + headLength + value.length, headLength);
  const bytes = Buffer.allocUnsafe(length);
  bytes[0] = variableSize;
  bytes.writeInt32BE(encoded.length, 1);
  let at = headLength;
  for (const value of encoded) {
    bytes.writeInt32BE(1 + value.length, at);
    bytes[at + 4] = isLeft ? 1 : 0;
    bytes.set(value, at + headLength);
    at += headLength + value.length;
  }
  return bytes;
}

function decodeList(bytes: Buffer): { isLeft: boolean; values: Uint8Array[] } {
  if (bytes[0] !== variableSize || bytes.length < 2 * headLength) {
    const message = `a list of unmatched values begins with 01 and holds one, found ${bytes.length}`;
    throw new StreamsError('STREAMS_RECORD_UNDECODABLE', `${message} bytes`);
  }
  const values: Uint8Array[] = [];
  let at = headLength;
  for (let left = bytes.readInt32BE(1); left > 0; left--) {
    const end = at + 4 + bytes.readInt32BE(at);
    values.push(bytes.subarray(at + headLength, end));
    at = end;
  }
  return { isLeft: bytes[headLength + 4] === 1, values };
}
