/** One key of a store, as a write buffer keeps it. */

export interface Slot {
  readonly id: string;
  readonly key: Uint8Array;
  /**
   * The value as the store keeps it; `undefined` when the key is not there; `unencoded` until
   * somebody needs the bytes, and again when they are committed: ask `WriteBuffer#bytesOf`.
   */
  bytes: Uint8Array | undefined;
  /** The value decoded, kept by the typed store; `undefined` when not decoded yet. */
  decoded: unknown;
  /** Event time of the last write: the time of its changelog record. */
  timestampMs: number;
  /** Written since the last commit was prepared. */
  dirty: boolean;
  /** The key was not there before the first write since the last commit was prepared. */
  isNew: boolean;
  /** Written without a changelog record: expired by time, which restoring does by itself. */
  silent: boolean;
  /** The update of this key that the table's cache holds back: see `UpdateCache`. */
  held: object | undefined;
}

/** Whether the key was there neither before what was written since the last commit was prepared, nor after it. */
export function hasComeAndGone({ isNew, bytes }: Slot): boolean {
  return isNew && bytes === undefined;
}

/** Stands for bytes that are not made yet: they follow from the decoded value. */
export const unencoded: Uint8Array = new Uint8Array(0);
