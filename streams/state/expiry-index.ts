/**
 * The index by time beside a store whose entries expire, and the stream time that decides it. It is
 * stored beside the entries and follows from them, so it has no changelog. It makes expiry cost
 * what expires, not what is kept.
 */
import { readInt64 } from '../bytes.ts';
import { withInt64 } from './byte-order.ts';
import type { Slot } from './slot.ts';
import type { WriteBuffer } from './write-buffer.ts';

/** The store in the state storage that holds the index of a store. */
export function expiryIndexName(store: string): string {
  return `${store}@expiry`;
}

/** In the index, under a key shorter than any of its others: the stream time of the store. */
export const streamTimeKey: Uint8Array = new Uint8Array([0]);

/** The value of every place in the index. */
export const indexed: Uint8Array = new Uint8Array([1]);

export interface ExpiryIndexParts {
  /** The index itself: keys that begin with a time in eight bytes. */
  readonly index: WriteBuffer;
  /** What the index is of. */
  readonly entries: WriteBuffer;
  /** An entry can be read while stream time has passed its time by no more than this. */
  readonly keptMs: number;
  /** From a key of the index to the key of its entry. */
  readonly entryKey: (indexKey: Uint8Array) => Uint8Array;
}

export class ExpiryIndex {
  readonly #index: WriteBuffer;
  readonly #entries: WriteBuffer;
  readonly #keptMs: number;
  readonly #entryKey: (indexKey: Uint8Array) => Uint8Array;
  #timeSlot: Slot | undefined;
  #generation = -1;
  /** Expired entries are taken away in steps, so that not every record has to look for some. */
  readonly #stepMs: number;

  constructor({ index, entries, keptMs, entryKey }: ExpiryIndexParts) {
    this.#index = index;
    this.#entries = entries;
    this.#keptMs = keptMs;
    this.#entryKey = entryKey;
    this.#stepMs = Math.max(1, Math.floor(keptMs / 4));
  }

  /** Takes note of a record's time; answers with the largest so far. */
  observe(timestampMs: number): number {
    const observedMs = this.streamTimeMs;
    if (timestampMs <= observedMs) return observedMs;
    this.#index.write(this.#streamTimeSlot(), withInt64(timestampMs), timestampMs, timestampMs);
    this.#expire(observedMs, timestampMs);
    return timestampMs;
  }

  /** The largest time observed, across restarts; -1 before the first. */
  get streamTimeMs(): number {
    const slot = this.#streamTimeSlot();
    if (slot.bytes === undefined) return -1;
    slot.decoded ??= readInt64(slot.bytes, 0);
    return slot.decoded as number;
  }

  /** Entries of an earlier time have expired, whether or not they were taken away yet. */
  get oldestMs(): number {
    return Math.max(0, this.streamTimeMs - this.#keptMs);
  }

  /** Of an entry that was not there: then it has no place in the index either. */
  add(indexKey: Uint8Array, nowMs: number): void {
    this.#index.write(this.#index.slot(indexKey, true), indexed, undefined, nowMs);
  }

  remove(indexKey: Uint8Array, nowMs: number): void {
    this.#index.write(this.#index.slot(indexKey), undefined, undefined, nowMs);
  }

  /** Keys of the index from `fromMs` to `toMs`, both inclusive, in the order of their times. */
  *between(fromMs: number, toMs: number): Generator<Uint8Array> {
    const range = this.#index.range(withInt64(Math.max(0, fromMs)), withInt64(toMs + 1));
    for (const [indexKey] of range) yield indexKey;
  }

  /** Asked several times for each record: found anew only when slots have left the index. */
  #streamTimeSlot(): Slot {
    if (this.#timeSlot === undefined || this.#generation !== this.#index.generation) {
      this.#timeSlot = this.#index.slot(streamTimeKey);
      this.#generation = this.#index.generation;
    }
    return this.#timeSlot;
  }

  #expire(beforeMs: number, nowMs: number): void {
    const lastExpiredMs = nowMs - this.#keptMs - 1;
    if (lastExpiredMs < 0) return;
    if (Math.floor(beforeMs / this.#stepMs) === Math.floor(nowMs / this.#stepMs)) return;
    for (const indexKey of this.between(0, lastExpiredMs)) {
      const slot = this.#entries.slot(this.#entryKey(indexKey));
      this.#entries.write(slot, undefined, undefined, nowMs, true);
      this.remove(indexKey, nowMs);
    }
  }
}
