/**
 * A table that every task holds whole: bytes in memory, fed by the runtime, decoded when they are
 * first read. Global tables are reference data; one that does not fit in memory is no global table.
 */
import type { Serde } from '../serde.ts';
import { afterPrefix, byteString } from './byte-order.ts';
import type { Entry, ReadOnlyKeyValueStore } from './store.ts';

interface Kept {
  readonly key: Uint8Array;
  bytes: Uint8Array;
  decoded: unknown;
}

export class GlobalTableStore<K, V> implements ReadOnlyKeyValueStore<K, V> {
  readonly name: string;
  readonly #key: Serde<K>;
  readonly #value: Serde<V>;
  readonly #entries = new Map<string, Kept>();
  #sortedIds: string[] | undefined;

  constructor(name: string, key: Serde<K>, value: Serde<V>) {
    this.name = name;
    this.#key = key;
    this.#value = value;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Takes a record of the table's topic. A null value deletes; a null key is no row: false. */
  apply(record: { readonly key: Uint8Array | null; readonly value: Uint8Array | null }): boolean {
    const { key, value } = record;
    if (key === null) return false;
    const id = byteString(key);
    if (value === null) {
      if (this.#entries.delete(id)) this.#sortedIds = undefined;
      return true;
    }
    if (!this.#entries.has(id)) this.#sortedIds = undefined;
    this.#entries.set(id, { key, bytes: value, decoded: undefined });
    return true;
  }

  get(key: K): V | undefined {
    if (key === undefined || key === null) return undefined;
    const kept = this.#entries.get(byteString(this.#key.serialize(key)));
    return kept && this.#decode(kept);
  }

  range(from: K, to: K): Iterable<Entry<K, V>> {
    const last = byteString(this.#key.serialize(to));
    return this.#between(byteString(this.#key.serialize(from)), (id) => id <= last);
  }

  all(): Iterable<Entry<K, V>> {
    return this.#between('', () => true);
  }

  prefixScan(prefix: K): Iterable<Entry<K, V>> {
    const first = this.#key.serialize(prefix);
    const after = afterPrefix(first);
    const end = after && byteString(after);
    return this.#between(byteString(first), (id) => end === undefined || id < end);
  }

  *#between(first: string, within: (id: string) => boolean): Generator<Entry<K, V>> {
    this.#sortedIds ??= [...this.#entries.keys()].sort((a, b) => (a < b ? -1 : 1));
    const ids = this.#sortedIds;
    for (let at = firstAtOrAfter(ids, first); at < ids.length; at++) {
      const id = ids[at] as string;
      if (!within(id)) return;
      const kept = this.#entries.get(id);
      if (kept) yield { key: this.#key.deserialize(kept.key), value: this.#decode(kept) };
    }
  }

  #decode(kept: Kept): V {
    if (kept.decoded === undefined) kept.decoded = this.#value.deserialize(kept.bytes);
    return kept.decoded as V;
  }
}

function firstAtOrAfter(sorted: readonly string[], id: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
