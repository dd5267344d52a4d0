/**
 * One value for each key and window, kept until stream time has passed the window's start by the
 * retention. An index by time, stored beside the values and derived from them, makes expiry cost
 * what expires, not what is kept.
 *
 * Equivalent: TimestampedWindowStore. Kafka Streams drops whole segments; a window that is past its
 * retention cannot be read in either.
 */

import { readInt64 } from '../bytes.ts';
import type { Header } from '../record.ts';
import type { Serde } from '../serde.ts';
import type { Windowed } from '../windows/time-windows.ts';
import { justAfter, withInt64 } from './byte-order.ts';
import { RowUpdates } from './row-updates.ts';
import { type Slot, unencoded } from './slot.ts';
import type { Entry, ObservedWindowStore, SendUpdate, TimestampedValue } from './store.ts';
import { decodeTimestamped, encodeRow } from './timestamped-store.ts';
import type { UpdateCache } from './update-cache.ts';
import {
  expiryKey,
  expiryKeyFrom,
  keyOfWindowKey,
  startOfWindowKey,
  windowKey,
  windowKeyOfExpiryKey,
} from './window-key.ts';
import type { WriteBuffer } from './write-buffer.ts';

/** The store in the state storage that holds the index of a window store. */
export function expiryIndexName(store: string): string {
  return `${store}@expiry`;
}

/** In the index, under a key shorter than any of its others: the stream time of the store. */
export const streamTimeKey: Uint8Array = new Uint8Array([0]);

export const indexed: Uint8Array = new Uint8Array([1]);

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
  readonly #retentionMs: number;
  readonly #buffer: WriteBuffer;
  readonly #expiry: WriteBuffer;
  readonly #key: Serde<K>;
  readonly #value: Serde<V>;
  readonly #updates: RowUpdates<Windowed<K>, V>;
  #lastKey: K | undefined;
  #lastKeyBytes: Uint8Array = streamTimeKey;

  constructor(parts: WindowStoreParts<K, V>) {
    const { windowSizeMs, retentionMs, buffer, expiry, key, value, cache } = parts;
    this.#windowSizeMs = windowSizeMs;
    this.#retentionMs = retentionMs;
    this.#buffer = buffer;
    this.#expiry = expiry;
    this.#key = key;
    this.#value = value;
    this.#updates = new RowUpdates((bytes) => decodeTimestamped(bytes, value), cache);
    buffer.encode = (row) => encodeRow(row as TimestampedValue<V>, value);
  }

  observe(timestampMs: number): number {
    const observedMs = this.#observedMs();
    if (timestampMs <= observedMs) return observedMs;
    const slot = this.#expiry.slot(streamTimeKey);
    this.#expiry.write(slot, withInt64(timestampMs), timestampMs, timestampMs);
    this.#expire(observedMs, timestampMs);
    return timestampMs;
  }

  fetch(key: K, windowStartMs: number): TimestampedValue<V> | undefined {
    if (windowStartMs < this.#oldestReadableMs()) return undefined;
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
    const rowBefore = this.#updates.rowBefore(slot);
    this.#write(slot, row);
    this.#updates.updated(slot, windowed, row, rowBefore, row.timestampMs, headers);
  }

  *fetchRange(key: K, fromMs: number, toMs: number): Generator<Entry<Windowed<K>, V>> {
    const keyBytes = this.#keyBytes(key);
    const from = windowKey(keyBytes, Math.max(fromMs, this.#oldestReadableMs(), 0));
    const to = justAfter(windowKey(keyBytes, toMs));
    for (const [found, value] of this.#buffer.range(from, to)) {
      // Longer keys that begin with this one lie between its windows.
      if (found.length === from.length) yield this.#entry(found, value);
    }
  }

  /** In the order of the windows' starts, then of the keys' bytes. */
  *fetchAll(fromMs: number, toMs: number): Generator<Entry<Windowed<K>, V>> {
    const from = expiryKeyFrom(Math.max(fromMs, this.#oldestReadableMs(), 0));
    for (const [found] of this.#expiry.range(from, expiryKeyFrom(toMs + 1))) {
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
    if (slot.bytes === undefined) this.#index(slot.key, row.timestampMs);
    const encoded = this.#value.neverFails ? unencoded : encodeRow(row, this.#value);
    this.#buffer.write(slot, encoded, row, row.timestampMs);
  }

  #index(windowKeyBytes: Uint8Array, timestampMs: number): void {
    const slot: Slot = this.#expiry.slot(expiryKey(windowKeyBytes));
    this.#expiry.write(slot, indexed, undefined, timestampMs);
  }

  #expire(beforeMs: number, nowMs: number): void {
    const cutoffMs = nowMs - this.#retentionMs + 1;
    if (
      cutoffMs <= 0 ||
      Math.floor(beforeMs / this.#expiryStepMs) === Math.floor(nowMs / this.#expiryStepMs)
    )
      return;
    for (const [found] of this.#expiry.range(expiryKeyFrom(0), expiryKeyFrom(cutoffMs))) {
      const slot = this.#buffer.slot(windowKeyOfExpiryKey(found));
      this.#buffer.write(slot, undefined, undefined, nowMs, true);
      this.#expiry.write(this.#expiry.slot(found), undefined, undefined, nowMs);
    }
  }

  /** Expired windows are taken away in steps, so that not every record has to look for some. */
  get #expiryStepMs(): number {
    return Math.max(1, Math.floor(this.#retentionMs / 4));
  }

  #oldestReadableMs(): number {
    return this.#observedMs() - this.#retentionMs + 1;
  }

  #observedMs(): number {
    const slot = this.#expiry.slot(streamTimeKey);
    if (slot.bytes === undefined) return -1;
    slot.decoded ??= readInt64(slot.bytes, 0);
    return slot.decoded as number;
  }

  #keyBytes(key: K): Uint8Array {
    if (key !== this.#lastKey) {
      this.#lastKeyBytes = this.#key.serialize(key);
      this.#lastKey = key;
    }
    return this.#lastKeyBytes;
  }
}
