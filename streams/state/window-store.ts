/**
 * One value for each key and window, kept until stream time has passed the window's start by the
 * retention.
 *
 * Equivalent: TimestampedWindowStore. Kafka Streams drops whole segments; a window that is past its
 * retention cannot be read in either.
 */

import type { Header } from '../record.ts';
import type { Serde } from '../serde.ts';
import type { Windowed } from '../windows/time-windows.ts';
import { justAfter } from './byte-order.ts';
import { ExpiryIndex } from './expiry-index.ts';
import { RowUpdates } from './row-updates.ts';
import { type Slot, unencoded } from './slot.ts';
import type { Entry, ObservedWindowStore, SendUpdate, TimestampedValue } from './store.ts';
import { decodeTimestamped, encodeRow } from './timestamped-store.ts';
import type { UpdateCache } from './update-cache.ts';
import {
  expiryKey,
  keyOfWindowKey,
  startOfWindowKey,
  windowKey,
  windowKeyOfExpiryKey,
} from './window-key.ts';
import type { WriteBuffer } from './write-buffer.ts';

const noKey = new Uint8Array(0);

interface WindowStoreParts<K, V> {
  readonly windowSizeMs: number;
  readonly retentionMs: number;
  readonly buffer: WriteBuffer;
  readonly expiry: WriteBuffer;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** Holds updates back; without one they are sent on at once. */
  readonly cache?: UpdateCache<unknown> | undefined;
}

export class BufferedWindowStore<K, V> implements ObservedWindowStore<K, V> {
  readonly #windowSizeMs: number;
  readonly #buffer: WriteBuffer;
  readonly #expiry: ExpiryIndex;
  readonly #key: Serde<K>;
  readonly #value: Serde<V>;
  readonly #decode: (bytes: Uint8Array) => TimestampedValue<V>;
  readonly #updates: RowUpdates<Windowed<K>, V>;
  #lastKey: K | undefined;
  #lastKeyBytes: Uint8Array = noKey;

  constructor(parts: WindowStoreParts<K, V>) {
    const { windowSizeMs, retentionMs, buffer, expiry, key, value, cache } = parts;
    this.#windowSizeMs = windowSizeMs;
    this.#buffer = buffer;
    const entryKey = windowKeyOfExpiryKey;
    const keptMs = retentionMs - 1;
    this.#expiry = new ExpiryIndex({ index: expiry, entries: buffer, keptMs, entryKey });
    this.#key = key;
    this.#value = value;
    this.#decode = (bytes) => decodeTimestamped(bytes, value);
    this.#updates = new RowUpdates(cache);
    buffer.encode = (row) => encodeRow(row as TimestampedValue<V>, value);
  }

  observe(timestampMs: number): number {
    return this.#expiry.observe(timestampMs);
  }

  fetch(key: K, windowStartMs: number): TimestampedValue<V> | undefined {
    if (windowStartMs < this.#expiry.oldestMs) return undefined;
    const slot = this.#slotOf(key, windowStartMs);
    if (slot.bytes === undefined) return undefined;
    if (slot.decoded === undefined) slot.decoded = decodeTimestamped(slot.bytes, this.#value);
    return slot.decoded as TimestampedValue<V>;
  }

  put(key: K, windowStartMs: number, value: TimestampedValue<V>): void {
    this.#write(this.#slotOf(key, windowStartMs), value);
  }

  onUpdate(send: SendUpdate<Windowed<K>, V>, withOldValues: boolean): void {
    this.#updates.connect(send, withOldValues);
  }

  update(
    windowed: Windowed<K>,
    row: TimestampedValue<V>,
    headers: readonly Header[] | undefined,
  ): void {
    const slot = this.#slotOf(windowed.key, windowed.window.startMs);
    const rowBefore = this.#updates.rowBefore(slot, this.#decode);
    this.#write(slot, row);
    this.#updates.updated(slot, windowed, row, rowBefore, row.timestampMs, headers);
  }

  *fetchRange(key: K, fromMs: number, toMs: number): Generator<Entry<Windowed<K>, V>> {
    const keyBytes = this.#keyBytes(key);
    const from = windowKey(keyBytes, Math.max(fromMs, this.#expiry.oldestMs));
    const to = justAfter(windowKey(keyBytes, toMs));
    for (const [found, value] of this.#buffer.range(from, to)) {
      // Longer keys that begin with this one lie between its windows.
      if (found.length === from.length) yield this.#entry(found, value);
    }
  }

  /** In the order of the windows' starts, then of the keys' bytes. */
  *fetchAll(fromMs: number, toMs: number): Generator<Entry<Windowed<K>, V>> {
    for (const found of this.#expiry.between(Math.max(fromMs, this.#expiry.oldestMs), toMs)) {
      const key = windowKeyOfExpiryKey(found);
      const bytes = this.#buffer.bytesOf(this.#buffer.slot(key));
      if (bytes !== undefined) yield this.#entry(key, bytes);
    }
  }

  #entry(key: Uint8Array, value: Uint8Array): Entry<Windowed<K>, V> {
    const startMs = startOfWindowKey(key);
    const window = { startMs, endMs: startMs + this.#windowSizeMs };
    return {
      key: { key: this.#key.deserialize(keyOfWindowKey(key)), window },
      value: decodeTimestamped(value, this.#value).value,
    };
  }

  #slotOf(key: K, windowStartMs: number): Slot {
    return this.#buffer.slot(windowKey(this.#keyBytes(key), windowStartMs));
  }

  #write(slot: Slot, row: TimestampedValue<V>): void {
    if (slot.bytes === undefined) this.#expiry.add(expiryKey(slot.key), row.timestampMs);
    const encoded = this.#value.neverFails ? unencoded : encodeRow(row, this.#value);
    this.#buffer.write(slot, encoded, row, row.timestampMs);
  }

  #keyBytes(key: K): Uint8Array {
    if (key !== this.#lastKey) {
      this.#lastKeyBytes = this.#key.serialize(key);
      this.#lastKey = key;
    }
    return this.#lastKeyBytes;
  }
}
