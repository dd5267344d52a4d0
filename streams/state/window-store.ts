/**
 * One value for each key and window, kept until stream time has passed the window's start by the
 * retention. An index by time, stored beside the values and derived from them, makes expiry cost
 * what expires, not what is kept.
 *
 * Equivalent: TimestampedWindowStore. Kafka Streams drops whole segments; a window that is past its
 * retention cannot be read in either.
 */

import { readInt64 } from '../bytes.ts';
import type { Serde } from '../serde.ts';
import type { Windowed } from '../windows/time-windows.ts';
import { justAfter, withInt64 } from './byte-order.ts';
import { type Slot, unencoded } from './slot.ts';
import type { Entry, ObservedWindowStore, TimestampedValue } from './store.ts';
import { decodeTimestamped, encodeRow } from './timestamped-store.ts';
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
}

export class BufferedWindowStore<K, V> implements ObservedWindowStore<K, V> {
  readonly #windowSizeMs: number;
  readonly #retentionMs: number;
  readonly #buffer: WriteBuffer;
  readonly #expiry: WriteBuffer;
  readonly #key: Serde<K>;
  readonly #value: Serde<V>;
  #lastKey: K | undefined;
  #lastKeyBytes: Uint8Array = streamTimeKey;

  constructor(parts: WindowStoreParts<K, V>) {
    const { windowSizeMs, retentionMs, buffer, expiry, key, value } = parts;
    this.#windowSizeMs = windowSizeMs;
    this.#retentionMs = retentionMs;
    this.#buffer = buffer;
    this.#expiry = expiry;
    this.#key = key;
    this.#value = value;
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
    const slot = this.#buffer.slot(windowKey(this.#keyBytes(key), windowStartMs));
    if (slot.bytes === undefined) return undefined;
    if (slot.decoded === undefined) slot.decoded = decodeTimestamped(slot.bytes, this.#value);
    return slot.decoded as TimestampedValue<V>;
  }

  put(key: K, windowStartMs: number, value: TimestampedValue<V>): void {
    const bytes = windowKey(this.#keyBytes(key), windowStartMs);
    const slot = this.#buffer.slot(bytes);
    if (slot.bytes === undefined) this.#index(bytes, value.timestampMs);
    const encoded = this.#value.neverFails ? unencoded : encodeRow(value, this.#value);
    this.#buffer.write(slot, encoded, value, value.timestampMs);
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
