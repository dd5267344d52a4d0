/**
 * State of tasks in ordered storage, one table for all: key = store number (4 bytes), key of the
 * entry. A store is numbered when it is first written, for its application, task and name.
 *
 * Keys are of any length and may be empty, which LMDB's are not. A long one is filed under its first
 * bytes and a digest of all of it, and stands whole before the value; a range puts such rows in order.
 */
import { createHash } from 'node:crypto';
import type { StateStorage, TaskStorage } from '../../state/storage.ts';
import type { StateWrite } from '../log.ts';
import { idKey } from './keys.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import type { WriteTransaction } from './write-transaction.ts';

const storeNumberBytes = 4;
/** With store number and digest below the 1,978 bytes that LMDB takes. */
const longestWholeKey = 1_900;
const digestBytes = 32;
const keyLengthBytes = 4;

type StateEntry = readonly [key: Uint8Array, value: Uint8Array];

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
    return stored === undefined || key.length <= longestWholeKey
      ? stored
      : stored.subarray(keyLengthBytes + key.length);
  }

  *#range(
    name: string,
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
  ): Iterable<StateEntry> {
    const number = this.#number(name);
    if (number === undefined) return;
    // A long bound is cut, so the rows of its whole prefix are read and looked at again.
    const start = Buffer.concat([idKey(number), (from ?? none).subarray(0, longestWholeKey)]);
    const end = endOfRange(number, to);
    let long: StateEntry[] = [];
    for (const row of this.#storage.range('state', { from: start, to: end })) {
      const entry = entryOf(row);
      const waiting = long[0];
      if (waiting !== undefined && !samePrefix(waiting[0], entry[0])) {
        yield* inOrder(long, from, to);
        long = [];
      }
      if (entry[0].length > longestWholeKey) long.push(entry);
      else if (isWithin(entry[0], from, to)) yield entry;
    }
    yield* inOrder(long, from, to);
  }

  #number(name: string): number | undefined {
    const held = this.#numbers.get(name);
    if (held !== undefined) return held;
    const stored = this.#storage.get('stores', Buffer.from(name));
    if (stored === undefined) return undefined;
    const number = Buffer.from(stored).readUInt32BE(0);
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
      const number = Buffer.from(stored).readUInt32BE(0);
      this.#numbers.set(Buffer.from(name).toString(), number);
      this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    }
  }
}

const none = new Uint8Array(0);
const oneZero = Buffer.from([0]);

function storeName(applicationId: string, taskId: string, store: string): string {
  return `${applicationId}\0${taskId}\0${store}`;
}

function rowKey(storeNumber: number, key: Uint8Array): Buffer {
  if (key.length <= longestWholeKey) {
    const row = Buffer.allocUnsafe(storeNumberBytes + key.length);
    row.writeUInt32BE(storeNumber, 0);
    row.set(key, storeNumberBytes);
    return row;
  }
  const digest = createHash('sha256').update(key).digest();
  return Buffer.concat([idKey(storeNumber), key.subarray(0, longestWholeKey), digest]);
}

function rowValue(key: Uint8Array, value: Uint8Array): Uint8Array {
  return key.length <= longestWholeKey ? value : Buffer.concat([idKey(key.length), key, value]);
}

function entryOf([rowKey, stored]: StateEntry): StateEntry {
  if (rowKey.length <= storeNumberBytes + longestWholeKey) {
    return [rowKey.subarray(storeNumberBytes), stored];
  }
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  const valueAt = keyLengthBytes + bytes.readUInt32BE(0);
  return [bytes.subarray(keyLengthBytes, valueAt), bytes.subarray(valueAt)];
}

/** Rows up to and with those of a long `to`, which are then looked at one by one. */
function endOfRange(storeNumber: number, to: Uint8Array | undefined): Buffer {
  if (to === undefined) return idKey(storeNumber + 1);
  if (to.length <= longestWholeKey) return Buffer.concat([idKey(storeNumber), to]);
  const last = Buffer.alloc(digestBytes + 1, 0xff);
  return Buffer.concat([idKey(storeNumber), to.subarray(0, longestWholeKey), last]);
}

function isWithin(
  key: Uint8Array,
  from: Uint8Array | undefined,
  to: Uint8Array | undefined,
): boolean {
  if (from !== undefined && Buffer.compare(key, from) < 0) return false;
  return to === undefined || Buffer.compare(key, to) < 0;
}

function samePrefix(a: Uint8Array, b: Uint8Array): boolean {
  const prefix = (key: Uint8Array) => key.subarray(0, longestWholeKey);
  return b.length > longestWholeKey && Buffer.compare(prefix(a), prefix(b)) === 0;
}

function inOrder(
  entries: StateEntry[],
  from: Uint8Array | undefined,
  to: Uint8Array | undefined,
): StateEntry[] {
  return entries
    .filter(([key]) => isWithin(key, from, to))
    .sort(([a], [b]) => Buffer.compare(a, b));
}
