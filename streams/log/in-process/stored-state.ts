/**
 * State of tasks in ordered storage, one table for all. A store is numbered when it is first written,
 * for its application, task and name; its entries are the rows of that number.
 */
import { asBuffer } from '../../bytes.ts';
import {
  entriesOf,
  rowKey,
  rowRange,
  rowValue,
  type StateEntry,
  valueOfRow,
} from '../../state/state-rows.ts';
import type { StateStorage, TaskStorage } from '../../state/storage.ts';
import type { StateWrite } from '../log.ts';
import { idKey } from './keys.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import type { WriteTransaction } from './write-transaction.ts';

export class StoredState implements StateStorage {
  readonly #storage: OrderedStorage;
  readonly #numbers = new Map<string, number>();
  /** Numbers whose row is on its way. */
  readonly #unfiled = new Map<string, number>();
  #nextNumber = 0;

  constructor(storage: OrderedStorage) {
    this.#storage = storage;
    this.#load();
  }

  openTask(applicationId: string, taskId: string): TaskStorage {
    return {
      get: (store, key) => this.#get(storeName(applicationId, taskId, store), key),
      range: (store, from, to) => this.#range(storeName(applicationId, taskId, store), from, to),
    };
  }

  write(
    applicationId: string,
    taskId: string,
    writes: readonly StateWrite[],
    transaction: WriteTransaction,
  ): void {
    let number = 0;
    let numbered: string | undefined;
    for (const { store, key, value } of writes) {
      // Writes of one store mostly follow each other.
      if (store !== numbered) {
        number = this.#numberFor(storeName(applicationId, taskId, store), transaction);
        numbered = store;
      }
      const stored = value === null ? null : rowValue(key, value);
      transaction.put({ table: 'state', key: rowKey(number, key), value: stored });
    }
  }

  #get(name: string, key: Uint8Array): Uint8Array | undefined {
    const number = this.#number(name);
    if (number === undefined) return undefined;
    const stored = this.#storage.get('state', rowKey(number, key));
    return stored && valueOfRow(key, stored);
  }

  #range(
    name: string,
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
  ): Iterable<StateEntry> {
    const number = this.#number(name);
    if (number === undefined) return [];
    return entriesOf(this.#storage.range('state', rowRange(number, from, to)), from, to);
  }

  #number(name: string): number | undefined {
    const held = this.#numbers.get(name);
    if (held !== undefined) return held;
    const stored = this.#storage.get('stores', Buffer.from(name));
    if (stored === undefined) return undefined;
    const number = asBuffer(stored).readUInt32BE(0);
    this.#numbers.set(name, number);
    return number;
  }

  #numberFor(name: string, transaction: WriteTransaction): number {
    const held = this.#number(name);
    if (held !== undefined) return held;
    // Numbered for good even if the transaction fails: then the next write files it again.
    const number = this.#unfiled.get(name) ?? this.#nextNumber++;
    this.#unfiled.set(name, number);
    transaction.put({ table: 'stores', key: Buffer.from(name), value: idKey(number) });
    transaction.afterCommit(() => {
      this.#numbers.set(name, number);
      this.#unfiled.delete(name);
    });
    return number;
  }

  #load(): void {
    for (const [name, stored] of this.#storage.range('stores', { from: oneZero, to: undefined })) {
      const number = asBuffer(stored).readUInt32BE(0);
      this.#numbers.set(Buffer.from(name).toString(), number);
      this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    }
  }
}

const oneZero = Buffer.from([0]);

function storeName(applicationId: string, taskId: string, store: string): string {
  return `${applicationId}\0${taskId}\0${store}`;
}
