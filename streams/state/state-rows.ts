/**
 * How the entries of stores are kept in an ordered table that is shared by many of them: row key =
 * store number (4 bytes), key of the entry.
 *
 * Keys are of any length and may be empty, which LMDB's are not. A long one is filed under its first
 * bytes and a digest of all of it, and stands whole before the value; a range puts such rows in order.
 */
import { createHash } from 'node:crypto';
import { asBuffer } from '../bytes.ts';

export type StateEntry = readonly [key: Uint8Array, value: Uint8Array];

const storeNumberBytes = 4;
/** With store number and digest below the 1,978 bytes that LMDB takes. */
const longestWholeKey = 1_900;
const digestBytes = 32;
const keyLengthBytes = 4;

/** 4 bytes, big-endian: the rows of a store lie together, in the order of its keys' bytes. */
export function storeNumber(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(storeNumberBytes);
  bytes.writeUInt32BE(number, 0);
  return bytes;
}

export function rowKey(store: number, key: Uint8Array): Buffer {
  if (key.length <= longestWholeKey) {
    const row = Buffer.allocUnsafe(storeNumberBytes + key.length);
    row.writeUInt32BE(store, 0);
    row.set(key, storeNumberBytes);
    return row;
  }
  const digest = createHash('sha256').update(key).digest();
  return Buffer.concat([storeNumber(store), key.subarray(0, longestWholeKey), digest]);
}

export function rowValue(key: Uint8Array, value: Uint8Array): Uint8Array {
  return key.length <= longestWholeKey
    ? value
    : Buffer.concat([storeNumber(key.length), key, value]);
}

/** The value of an entry, of the row that `rowKey(…, key)` names. */
export function valueOfRow(key: Uint8Array, stored: Uint8Array): Uint8Array {
  return key.length <= longestWholeKey ? stored : stored.subarray(keyLengthBytes + key.length);
}

/**
 * The rows to read for the entries from `from` (inclusive) to `to` (exclusive). They may be more than
 * those: `entriesOf` leaves the others out.
 */
export function rowRange(
  store: number,
  from: Uint8Array | undefined,
  to: Uint8Array | undefined,
): { readonly from: Buffer; readonly to: Buffer } {
  // A long bound is cut, so the rows of its whole prefix are read and looked at again.
  const start = (from ?? none).subarray(0, longestWholeKey);
  return { from: Buffer.concat([storeNumber(store), start]), to: endOfRange(store, to) };
}

/** Entries in the order of their keys, from the rows of a `rowRange` in the order of theirs. */
export function* entriesOf(
  rows: Iterable<StateEntry>,
  from: Uint8Array | undefined,
  to: Uint8Array | undefined,
): Generator<StateEntry> {
  let long: StateEntry[] = [];
  for (const row of rows) {
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

const none = new Uint8Array(0);

function entryOf([rowKey, stored]: StateEntry): StateEntry {
  if (rowKey.length <= storeNumberBytes + longestWholeKey) {
    return [rowKey.subarray(storeNumberBytes), stored];
  }
  const bytes = asBuffer(stored);
  const valueAt = keyLengthBytes + bytes.readUInt32BE(0);
  return [bytes.subarray(keyLengthBytes, valueAt), bytes.subarray(valueAt)];
}

/** Rows up to and with those of a long `to`, which are then looked at one by one. */
function endOfRange(store: number, to: Uint8Array | undefined): Buffer {
  if (to === undefined) return storeNumber(store + 1);
  if (to.length <= longestWholeKey) return Buffer.concat([storeNumber(store), to]);
  const last = Buffer.alloc(digestBytes + 1, 0xff);
  return Buffer.concat([storeNumber(store), to.subarray(0, longestWholeKey), last]);
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
