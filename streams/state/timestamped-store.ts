/**
 * The store behind a table: each value with its event time, kept as `int64 time ‖ value`.
 *
 * Equivalent: TimestampedKeyValueStore.
 */

import { readInt64, writeInt64 } from '../bytes.ts';
import type { Header } from '../record.ts';
import type { Serde } from '../serde.ts';
import { KeySlots } from './key-slots.ts';
import { RowUpdates } from './row-updates.ts';
import { unencoded } from './slot.ts';
import type { SendUpdate, TimestampedStore, TimestampedValue } from './store.ts';
import type { UpdateCache } from './update-cache.ts';
import type { WriteBuffer } from './write-buffer.ts';

export class BufferedTimestampedStore<K, V> implements TimestampedStore<K, V> {
  readonly #buffer: WriteBuffer;
  readonly #slots: KeySlots<K>;
  readonly #value: Serde<V>;
  readonly #decode: (bytes: Uint8Array) => TimestampedValue<V>;
  readonly #updates: RowUpdates<K, V>;

  /** `cache` holds updates back; without one they are sent on at once. */
  constructor(
    buffer: WriteBuffer,
    key: Serde<K>,
    value: Serde<V>,
    cache?: UpdateCache<unknown> | undefined,
  ) {
    this.#buffer = buffer;
    this.#slots = new KeySlots(buffer, key);
    this.#value = value;
    this.#decode = (bytes) => decodeTimestamped(bytes, value);
    this.#updates = new RowUpdates(cache);
    buffer.encode = (row) => encodeRow(row as TimestampedValue<V>, value);
  }

  get(key: K): TimestampedValue<V> | undefined {
    const slot = this.#slots.of(key);
    if (slot.bytes === undefined) return undefined;
    if (slot.decoded === undefined) slot.decoded = decodeTimestamped(slot.bytes, this.#value);
    return slot.decoded as TimestampedValue<V>;
  }

  onUpdate(send: SendUpdate<K, V>, withOldValues: boolean): void {
    this.#updates.connect(send, withOldValues);
  }

  update(
    key: K,
    value: V | null | undefined,
    timestampMs: number,
    headers: readonly Header[] | undefined,
  ): void {
    const slot = this.#slots.of(key);
    const rowBefore = this.#updates.rowBefore(slot, this.#decode);
    const isRow = value !== undefined && value !== null;
    const row = isRow ? { value, timestampMs } : undefined;
    this.#buffer.write(slot, row && this.#bytesOf(row), row, timestampMs);
    this.#updates.updated(slot, key, row, rowBefore, timestampMs, headers);
  }

  #bytesOf(row: TimestampedValue<V>): Uint8Array {
    return this.#value.neverFails ? unencoded : encodeRow(row, this.#value);
  }
}

/**
 * Bytes of event time that stand before a value in the store and not in its changelog: the time of
 * a table's row.
 */
export function timeLengthOf(kind: string): number {
  return kind === 'timestamped' || kind === 'window' ? 8 : 0;
}

export function encodeRow<V>(row: TimestampedValue<V>, serde: Serde<V>): Uint8Array {
  return withTimestamp(serde.serialize(row.value), row.timestampMs);
}

/** `int64 time ‖ value`: how a table's value is kept, from how its changelog carries it. */
export function withTimestamp(encoded: Uint8Array, timestampMs: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(8 + encoded.length);
  writeInt64(bytes, 0, timestampMs);
  bytes.set(encoded, 8);
  return bytes;
}

export function decodeTimestamped<V>(bytes: Uint8Array, serde: Serde<V>): TimestampedValue<V> {
  return { value: serde.deserialize(bytes.subarray(8)), timestampMs: readInt64(bytes, 0) };
}
