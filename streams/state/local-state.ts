/**
 * State that a process keeps for itself, for a log that keeps none: what the changelogs say, up to a
 * position in each that stands in the same transaction as the entries. The changelogs are the record;
 * local state saves reading them again from the beginning.
 *
 * Twins: memory (`memory-local-state.ts`) and LMDB (`lmdb/`). One contract suite holds for both.
 */
import type { StateWrite } from '../log/log.ts';
import type { TaskStorage } from './storage.ts';

export interface LocalStateStorage {
  /**
   * Opens a task's state, for one writer at a time. State that is damaged is set aside, told to
   * `onDamaged`, and opened empty.
   *
   * @throws StreamsError `STREAMS_STATE_LOCKED` (retryable) while it is open elsewhere.
   */
  openTask(applicationId: string, taskId: string): Promise<LocalTaskStorage>;
  /** Tasks that have state here, open or not. */
  tasks(applicationId: string): readonly string[];
  /**
   * Deletes a task's state.
   *
   * @throws StreamsError `STREAMS_STATE_LOCKED` (retryable) while it is open.
   */
  removeTask(applicationId: string, taskId: string): Promise<void>;
  /** Closes what is open. */
  close(): Promise<void>;
}

export interface LocalTaskStorage extends TaskStorage {
  /**
   * Of each changelog topic, the offset from which records are not in the state yet; those before
   * are. Absent: none is. Changes with `apply`.
   */
  readonly positions: ReadonlyMap<string, bigint>;
  /**
   * Writes and positions in one transaction, the writes in their order; positions of other topics
   * stay. One after another. Resolves when it can be read. A killed process loses nothing of it; a
   * machine that fails may, and then all of the task's state is set aside.
   *
   * @throws StreamsError `STREAMS_STATE_UNAVAILABLE` when nothing of it was written.
   */
  apply(writes: readonly StateWrite[], positions: ReadonlyMap<string, bigint>): Promise<void>;
  /** Deletes every entry and every position. */
  clear(): Promise<void>;
  /** Resolves when the state is safe from a failing machine too. May be called more than once. */
  close(): Promise<void>;
}

/** State that could not be trusted: it was set aside, and is restored from the changelogs. */
export interface DamagedState {
  readonly applicationId: string;
  readonly taskId: string;
  readonly reason: string;
  /** Where it is now, for whoever wants to look at it; deleted when the next is set aside. */
  readonly setAsideTo: string;
}
