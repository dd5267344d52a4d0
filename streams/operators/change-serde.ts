/**
 * Changes of a table as bytes in its repartition topic, as Kafka Streams writes them. The last byte
 * says what came before it: 0 `old`, 1 `new`, 2 `varint length ‖ new ‖ old`. 3, 4 and 5 are the same
 * with one more byte before the last, which versioned tables write and we only read.
 *
 * Equivalent: ChangedSerializer, ChangedDeserializer.
 */
import { StreamsError } from '../errors.ts';
import type { Serde } from '../serde.ts';
import { type Change, isAbsent } from './change.ts';

const onlyOld = 0;
const onlyNew = 1;
const both = 2;
/** Added to the three above when a byte about versions comes before the last. */
const versioned = 3;

export function changeSerde<V>(value: Serde<V>): Serde<Change<V>> {
  const serde: Serde<Change<V>> = {
    serialize: ({ newValue, oldValue }) =>
      encode(
        isAbsent(newValue) ? undefined : value.serialize(newValue),
        isAbsent(oldValue) ? undefined : value.serialize(oldValue),
      ),
    deserialize: (bytes) => {
      const { newBytes, oldBytes } = decode(bytes);
      return {
        newValue: newBytes && value.deserialize(newBytes),
        oldValue: oldBytes && value.deserialize(oldBytes),
      };
    },
  };
  const { forTopic } = value;
  if (forTopic === undefined) return serde;
  return { ...serde, forTopic: async (use) => changeSerde(await forTopic(use)) };
}

function encode(newBytes: Uint8Array | undefined, oldBytes: Uint8Array | undefined): Uint8Array {
  if (newBytes !== undefined && oldBytes !== undefined) {
    return Buffer.concat([varint(newBytes.length), newBytes, oldBytes, Uint8Array.of(both)]);
  }
  if (newBytes !== undefined) return Buffer.concat([newBytes, Uint8Array.of(onlyNew)]);
  if (oldBytes !== undefined) return Buffer.concat([oldBytes, Uint8Array.of(onlyOld)]);
  const message = 'a change needs an old value or a new one';
  throw new StreamsError('STREAMS_RECORD_UNENCODABLE', message);
}

interface ChangeBytes {
  readonly newBytes?: Uint8Array;
  readonly oldBytes?: Uint8Array;
}

function decode(bytes: Uint8Array): ChangeBytes {
  const flag = bytes.at(-1) ?? -1;
  const body = bytes.subarray(0, bytes.length - (flag >= versioned ? 2 : 1));
  switch (flag >= versioned ? flag - versioned : flag) {
    case onlyOld:
      return { oldBytes: body };
    case onlyNew:
      return { newBytes: body };
    case both: {
      const { value: length, next } = readVarint(body);
      if (length < 0 || next + length > body.length) break;
      return {
        newBytes: body.subarray(next, next + length),
        oldBytes: body.subarray(next + length),
      };
    }
  }
  const message = `no change ends with the byte ${flag}`;
  throw new StreamsError('STREAMS_RECORD_UNDECODABLE', message);
}

/** A signed number in zig-zag, seven bits a byte, lowest first. @see ByteUtils#writeVarint */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function readVarint(bytes: Uint8Array): { readonly value: number; readonly next: number } {
  let zigzag = 0;
  for (let at = 0; at < Math.min(5, bytes.length); at++) {
    const byte = bytes[at] as number;
    zigzag |= (byte & 0x7f) << (7 * at);
    if (byte < 0x80) return { value: (zigzag >>> 1) ^ -(zigzag & 1), next: at + 1 };
  }
  throw new StreamsError('STREAMS_RECORD_UNDECODABLE', 'a length is not a varint');
}
