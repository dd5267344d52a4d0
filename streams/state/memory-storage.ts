/** State storage in memory: for tests, and for the test driver. Nothing survives the process. */
import type { StateWrite } from '../log/log.ts';
import { byteString } from './byte-order.ts';
import type { StateStorage, TaskStorage } from './storage.ts';

interface Kept {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export class MemoryTaskStorage implements TaskStorage {
  readonly #stores = new Map<string, Map<string, Kept>>();
  readonly #sortedIds = new Map<string, string[]>();

  get(store: string, key: Uint8Array): Uint8Array | undefined {
    return this.#stores.get(store)?.get(byteString(key))?.value;
  }

  *range(
    store: string,
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
  ): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
    const entries = this.#stores.get(store);
    if (entries === undefined) return;
    const first = from === undefined ? '' : byteString(from);
    const end = to === undefined ? undefined : byteString(to);
    const snapshot: Kept[] = [];
    for (const id of this.#idsOf(store, entries)) {
      if (id < first) continue;
      if (end !== undefined && id >= end) break;
      snapshot.push(entries.get(id) as Kept);
    }
    for (const { key, value } of snapshot) yield [key, value];
  }

  /** Makes a commit's writes the committed bytes. */
  apply(writes: readonly StateWrite[]): void {
    for (const { store, key, value } of writes) {
      const entries = this.#stores.get(store) ?? new Map<string, Kept>();
      this.#stores.set(store, entries);
      const id = byteString(key);
      if (value === null ? entries.delete(id) : !entries.has(id)) this.#sortedIds.delete(store);
      if (value !== null) entries.set(id, { key, value });
    }
  }

  #idsOf(store: string, entries: ReadonlyMap<string, Kept>): readonly string[] {
    const sorted = this.#sortedIds.get(store) ?? [...entries.keys()].sort(byCodeUnits);
    this.#sortedIds.set(store, sorted);
    return sorted;
  }
}

export class MemoryStateStorage implements StateStorage {
  readonly #tasks = new Map<string, MemoryTaskStorage>();

  openTask(applicationId: string, taskId: string): MemoryTaskStorage {
    const id = `${applicationId}/${taskId}`;
    const task = this.#tasks.get(id) ?? new MemoryTaskStorage();
    this.#tasks.set(id, task);
    return task;
  }
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
