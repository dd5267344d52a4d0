/**
 * A store of keys and values as a processor sees it: the user's types outside, bytes inside.
 *
 * A value is encoded when it is put, so that one that cannot be encoded fails its own record; it is
 * decoded at most once while it stays in the cache. Values are shared, not copied: change none.
 */
import type { Serde } from '../serde.ts';
import { afterPrefix, justAfter } from './byte-order.ts';
import { KeySlots } from './key-slots.ts';
import type { Entry, KeyValueStore } from './store.ts';
import type { WriteBuffer } from './write-buffer.ts';

export class BufferedKeyValueStore<K, V> implements KeyValueStore<K, V> {
  readonly #buffer: WriteBuffer;
  readonly #key: Serde<K>;
  readonly #value: Serde<V>;
  readonly #nowMs: () => number;
  readonly #slots: KeySlots<K>;

  /** `nowMs` is the time of the record in hand, for the changelog. */
  constructor(buffer: WriteBuffer, key: Serde<K>, value: Serde<V>, nowMs: () => number) {
    this.#buffer = buffer;
    this.#key = key;
    this.#slots = new KeySlots(buffer, key);
    this.#value = value;
    this.#nowMs = nowMs;
  }

  get(key: K): V | undefined {
    const slot = this.#slots.of(key);
    if (slot.bytes === undefined) return undefined;
    if (slot.decoded === undefined) slot.decoded = this.#value.deserialize(slot.bytes);
    return slot.decoded as V;
  }

  put(key: K, value: V): void {
    if (value === undefined || value === null) {
      this.delete(key);
      return;
    }
    this.#buffer.write(this.#slots.of(key), this.#value.serialize(value), value, this.#nowMs());
  }

  delete(key: K): void {
    const slot = this.#slots.of(key);
    if (slot.bytes !== undefined) this.#buffer.write(slot, undefined, undefined, this.#nowMs());
  }

  range(from: K, to: K): Iterable<Entry<K, V>> {
    return this.#entries(this.#key.serialize(from), justAfter(this.#key.serialize(to)));
  }

  all(): Iterable<Entry<K, V>> {
    return this.#entries(undefined, undefined);
  }

  prefixScan(prefix: K): Iterable<Entry<K, V>> {
    const first = this.#key.serialize(prefix);
    return this.#entries(first, afterPrefix(first));
  }

  *#entries(from: Uint8Array | undefined, to: Uint8Array | undefined): Generator<Entry<K, V>> {
    for (const [key, value] of this.#buffer.range(from, to)) {
      yield { key: this.#key.deserialize(key), value: this.#value.deserialize(value) };
    }
  }
}
