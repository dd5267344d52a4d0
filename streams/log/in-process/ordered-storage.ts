/**
 * What an in-process log needs of the thing it keeps its bytes in: ordered tables, snapshot reads,
 * and one atomic, durable write. LMDB is one (`embedded/`), sorted arrays are another (`memory/`).
 */

export type Table =
  | 'topics'
  | 'partitions'
  | 'batches'
  | 'offsets'
  | 'stores'
  | 'state'
  | 'schemas';

export interface TableWrite {
  readonly table: Table;
  /** 1 to 1,978 bytes. */
  readonly key: Uint8Array;
  /** `null` deletes the key. */
  readonly value: Uint8Array | null;
}

export interface KeyRange {
  /** Inclusive. */
  readonly from: Uint8Array;
  /** Exclusive; `undefined` is open. */
  readonly to: Uint8Array | undefined;
}

export interface OrderedStorage {
  /** The bytes are the caller's to keep, not to change. */
  get(table: Table, key: Uint8Array): Uint8Array | undefined;
  /** In the order of the keys' bytes, of one snapshot. Leave it early by `return` or `break`. */
  range(table: Table, range: KeyRange): Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
  /** The last entry of the range. */
  last(table: Table, range: KeyRange): readonly [key: Uint8Array, value: Uint8Array] | undefined;
  /** All or nothing, in the order given; durable when the promise resolves. One at a time. */
  write(writes: readonly TableWrite[]): Promise<void>;
  close(): Promise<void>;
}
