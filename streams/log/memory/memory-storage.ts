/** Ordered tables in memory: sorted arrays. For tests; nothing survives the process. */
import type { KeyRange, OrderedStorage, Table, TableWrite } from '../in-process/ordered-storage.ts';

type Entry = readonly [key: Uint8Array, value: Uint8Array];

export class MemoryStorage implements OrderedStorage {
  readonly #tables = new Map<Table, Entry[]>();

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    const entries = this.#entries(table);
    const entry = entries[lowerBound(entries, key)];
    return entry !== undefined && Buffer.compare(entry[0], key) === 0 ? entry[1] : undefined;
  }

  range(table: Table, { from, to }: KeyRange): Iterable<Entry> {
    const entries = this.#entries(table);
    const end = to === undefined ? entries.length : lowerBound(entries, to);
    return entries.slice(lowerBound(entries, from), end); // A copy is the snapshot.
  }

  last(table: Table, { from, to }: KeyRange): Entry | undefined {
    const entries = this.#entries(table);
    const end = to === undefined ? entries.length : lowerBound(entries, to);
    const entry = entries[end - 1];
    return entry !== undefined && Buffer.compare(entry[0], from) >= 0 ? entry : undefined;
  }

  async write(writes: readonly TableWrite[]): Promise<void> {
    for (const { table, key, value } of writes) {
      const entries = this.#entries(table);
      const at = lowerBound(entries, key);
      const found = entries[at];
      const replaced = found !== undefined && Buffer.compare(found[0], key) === 0 ? 1 : 0;
      if (value === null) entries.splice(at, replaced);
      else entries.splice(at, replaced, [key, value]);
    }
  }

  async close(): Promise<void> {
    this.#tables.clear();
  }

  #entries(table: Table): Entry[] {
    let entries = this.#tables.get(table);
    if (entries === undefined) {
      entries = [];
      this.#tables.set(table, entries);
    }
    return entries;
  }
}

/** Index of the first entry whose key is not before `key`. */
function lowerBound(entries: readonly Entry[], key: Uint8Array): number {
  let low = 0;
  let high = entries.length;
  // Appending in key order is the usual case: look at the end first.
  const last = entries[high - 1];
  if (last !== undefined && Buffer.compare(last[0], key) < 0) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Buffer.compare((entries[middle] as Entry)[0], key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
