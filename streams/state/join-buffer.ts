/**
 * The records of one stream that another is joined with: every one under its key and time, also
 * when two have both in common, kept until stream time has passed their time by the retention.
 *
 * Equivalent: a WindowStore that retains duplicates.
 */
import type { Serde } from '../serde.ts';
import { justAfter } from './byte-order.ts';
import { ExpiryIndex } from './expiry-index.ts';
import { unencoded } from './slot.ts';
import type { JoinBuffer, TimestampedValue } from './store.ts';
import {
  bufferExpiryKey,
  lastSequence,
  startOfWindowKey,
  windowKey,
  windowKeyOfBufferExpiryKey,
} from './window-key.ts';
import type { WriteBuffer } from './write-buffer.ts';

/** In the index, under a key like none of its others: the sequence of the last record put. */
export const sequenceKey: Uint8Array = new Uint8Array([1]);

export function withInt32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

interface JoinBufferParts<K, V> {
  readonly retentionMs: number;
  readonly buffer: WriteBuffer;
  readonly expiry: WriteBuffer;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
}

export class BufferedJoinBuffer<K, V> implements JoinBuffer<K, V> {
  readonly #buffer: WriteBuffer;
  readonly #index: WriteBuffer;
  readonly #expiry: ExpiryIndex;
  readonly #key: Serde<K>;
  readonly #value: Serde<V>;
  #other: { readonly observedMs: number } | undefined;

  constructor({ retentionMs, buffer, expiry, key, value }: JoinBufferParts<K, V>) {
    this.#buffer = buffer;
    this.#index = expiry;
    const entryKey = windowKeyOfBufferExpiryKey;
    const parts = { index: expiry, entries: buffer, keptMs: retentionMs, entryKey };
    this.#expiry = new ExpiryIndex(parts);
    this.#key = key;
    this.#value = value;
    buffer.encode = (decoded) => value.serialize(decoded as V);
  }

  get observedMs(): number {
    return this.#expiry.streamTimeMs;
  }

  observe(timestampMs: number): number {
    return Math.max(this.#expiry.observe(timestampMs), this.#other?.observedMs ?? -1);
  }

  /**
   * Tells of the buffer of the other side. Both observe every record of the join, but restored from
   * its changelog, each knows only what it kept itself.
   */
  joinWith(other: { readonly observedMs: number }): void {
    this.#other = other;
  }

  put(key: K, value: V, timestampMs: number): void {
    const sequence = this.#nextSequence(timestampMs);
    const place = windowKey(this.#key.serialize(key), timestampMs, sequence);
    const slot = this.#buffer.slot(place, true);
    const bytes = this.#value.neverFails ? unencoded : this.#value.serialize(value);
    this.#buffer.write(slot, bytes, value, timestampMs);
    this.#expiry.add(bufferExpiryKey(slot.key), timestampMs);
  }

  fetch(key: K, fromMs: number, toMs: number): TimestampedValue<V>[] {
    const found: TimestampedValue<V>[] = [];
    const keyBytes = this.#key.serialize(key);
    const from = windowKey(keyBytes, Math.max(fromMs, this.#expiry.oldestMs));
    const to = justAfter(windowKey(keyBytes, toMs, lastSequence));
    for (const [bytes, value] of this.#buffer.range(from, to)) {
      // Longer keys that begin with this one lie between its records.
      if (bytes.length !== from.length) continue;
      found.push({ value: this.#value.deserialize(value), timestampMs: startOfWindowKey(bytes) });
    }
    return found;
  }

  /**
   * Kafka Streams counts from 1 again after a restart. Here the count is kept with the records, so
   * that none takes the place of another, and their order stays.
   */
  #nextSequence(nowMs: number): number {
    const slot = this.#index.slot(sequenceKey);
    if (slot.bytes !== undefined && slot.decoded === undefined) {
      slot.decoded = Buffer.from(slot.bytes).readInt32BE();
    }
    const last = (slot.decoded as number | undefined) ?? 0;
    const sequence = (last + 1) & lastSequence;
    this.#index.write(slot, withInt32(sequence), sequence, nowMs);
    return sequence;
  }
}
