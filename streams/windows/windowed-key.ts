/**
 * Windowed keys as bytes in a topic: `key ‖ int64 start`. The window's size is not written, so its
 * reader must know it. Partitioned by the inner key, so that the windows of a key stay together.
 *
 * Equivalent: WindowedSerdes.TimeWindowedSerde, WindowedStreamPartitioner.
 */
import type { Serde } from '../serde.ts';
import { readInt64, writeInt64 } from '../state/byte-order.ts';
import type { Windowed } from './time-windows.ts';

const timeLength = 8;

/** A key serde that says which of its bytes decide the partition. */
export interface PartitionedBy<K> {
  readonly partitionBytes?: (key: K) => Uint8Array;
}

/** Keys of windows that are `sizeMs` long. */
export function windowedKey<K>(key: Serde<K>, sizeMs: number): Serde<Windowed<K>> {
  const serde: Serde<Windowed<K>> & PartitionedBy<Windowed<K>> = {
    serialize: ({ key: inner, window }) => {
      const innerBytes = key.serialize(inner);
      const bytes = new Uint8Array(innerBytes.length + timeLength);
      bytes.set(innerBytes);
      writeInt64(bytes, innerBytes.length, window.startMs);
      return bytes;
    },
    deserialize: (bytes) => {
      const startMs = readInt64(bytes, bytes.length - timeLength);
      const window = { startMs, endMs: startMs + sizeMs };
      return { key: key.deserialize(bytes.subarray(0, bytes.length - timeLength)), window };
    },
    partitionBytes: ({ key: inner }) => key.serialize(inner),
  };
  const { forTopic } = key;
  if (forTopic === undefined) return serde;
  const bound: Serde<Windowed<K>> = {
    ...serde,
    forTopic: async (use) => windowedKey(await forTopic(use), sizeMs),
  };
  return bound;
}

/** The bytes that decide the partition, when they are not all of the key's. */
export function partitionBytesOf<K>(serde: PartitionedBy<K>): PartitionedBy<K>['partitionBytes'] {
  return serde.partitionBytes;
}
