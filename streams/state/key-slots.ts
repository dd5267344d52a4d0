/**
 * Finds the slot of a key in a write buffer. Keys that are strings or numbers are remembered with
 * their slots, so that a key in use is not encoded for every record. Two different keys may have the
 * same bytes: then they have the same slot.
 */
import type { Serializer } from '../serde.ts';
import type { Slot } from './slot.ts';
import type { WriteBuffer } from './write-buffer.ts';

export class KeySlots<K> {
  readonly #buffer: WriteBuffer;
  readonly #key: Serializer<K>;
  readonly #known = new Map<K, Slot>();
  #lastKey: K | undefined;
  #lastSlot: Slot | undefined;
  #generation = -1;

  constructor(buffer: WriteBuffer, key: Serializer<K>) {
    this.#buffer = buffer;
    this.#key = key;
  }

  /** A `get` is mostly followed by a `put` of the same key, so the last slot is at hand. */
  of(key: K): Slot {
    if (this.#generation !== this.#buffer.generation) this.#forget();
    else if (key === this.#lastKey && this.#lastSlot !== undefined) return this.#lastSlot;
    const slot = this.#find(key);
    this.#lastKey = key;
    this.#lastSlot = slot;
    return slot;
  }

  #find(key: K): Slot {
    const isPlain = typeof key === 'string' || typeof key === 'number';
    const known = isPlain ? this.#known.get(key) : undefined;
    if (known !== undefined) return known;
    const slot = this.#buffer.slot(this.#key.serialize(key));
    // Looking a slot up may turn the generation; then nothing remembered before counts any more.
    if (this.#generation !== this.#buffer.generation) this.#forget();
    if (isPlain) this.#known.set(key, slot);
    return slot;
  }

  #forget(): void {
    this.#known.clear();
    this.#lastKey = undefined;
    this.#lastSlot = undefined;
    this.#generation = this.#buffer.generation;
  }
}
