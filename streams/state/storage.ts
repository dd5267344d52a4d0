/**
 * State storage: the committed bytes of the stores of one task. A task keeps its uncommitted writes
 * in memory in front of it and hands them over in its commit.
 *
 * Twins: memory (tests) and LMDB (`log/embedded/`, where the log's own transaction writes it).
 */

export interface TaskStorage {
  /** `undefined` when the key is not there. The bytes are the caller's to keep, not to change. */
  get(store: string, key: Uint8Array): Uint8Array | undefined;
  /**
   * Entries in the order of the keys' bytes, `from` inclusive, `to` exclusive; `undefined` is open.
   * Reads a snapshot: a commit meanwhile does not disturb it.
   */
  range(
    store: string,
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
  ): Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
}

export interface StateStorage {
  openTask(applicationId: string, taskId: string): TaskStorage;
}

/** State that another thread of the process commits. */
export interface SharedStateStorage extends StateStorage {
  /** From now on reads show what has been committed until now; else what they showed may last. */
  renew(): void;
  close(): Promise<void>;
}
