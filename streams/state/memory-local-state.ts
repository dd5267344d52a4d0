/** Local state in memory: for applications that would rather restore than have a disk, and for tests. */
import { StreamsError } from '../errors.ts';
import type { StateWrite } from '../log/log.ts';
import type { LocalStateStorage, LocalTaskStorage } from './local-state.ts';
import { MemoryTaskStorage } from './memory-storage.ts';

interface Kept {
  entries: MemoryTaskStorage;
  readonly positions: Map<string, bigint>;
  isOpen: boolean;
}

export class MemoryLocalState implements LocalStateStorage {
  readonly #applications = new Map<string, Map<string, Kept>>();

  async openTask(applicationId: string, taskId: string): Promise<LocalTaskStorage> {
    const tasks = this.#tasks(applicationId);
    const kept = tasks.get(taskId) ?? {
      entries: new MemoryTaskStorage(),
      positions: new Map<string, bigint>(),
      isOpen: false,
    };
    if (kept.isOpen) throw locked(taskId);
    kept.isOpen = true;
    tasks.set(taskId, kept);
    return new MemoryLocalTask(kept);
  }

  tasks(applicationId: string): readonly string[] {
    return [...this.#tasks(applicationId).keys()];
  }

  async removeTask(applicationId: string, taskId: string): Promise<void> {
    if (this.#tasks(applicationId).get(taskId)?.isOpen) throw locked(taskId);
    this.#tasks(applicationId).delete(taskId);
  }

  async close(): Promise<void> {
    this.abandon();
  }

  /** As if the process were killed: what was open may be opened again, with all that was applied. */
  abandon(): void {
    for (const tasks of this.#applications.values()) {
      for (const kept of tasks.values()) kept.isOpen = false;
    }
  }

  #tasks(applicationId: string): Map<string, Kept> {
    const tasks = this.#applications.get(applicationId) ?? new Map<string, Kept>();
    this.#applications.set(applicationId, tasks);
    return tasks;
  }
}

class MemoryLocalTask implements LocalTaskStorage {
  readonly #kept: Kept;

  constructor(kept: Kept) {
    this.#kept = kept;
  }

  get positions(): ReadonlyMap<string, bigint> {
    return this.#kept.positions;
  }

  get(store: string, key: Uint8Array): Uint8Array | undefined {
    return this.#kept.entries.get(store, key);
  }

  range(store: string, from: Uint8Array | undefined, to: Uint8Array | undefined) {
    return this.#kept.entries.range(store, from, to);
  }

  async apply(
    writes: readonly StateWrite[],
    positions: ReadonlyMap<string, bigint>,
  ): Promise<void> {
    this.#kept.entries.apply(writes.map(copied));
    for (const [topic, position] of positions) this.#kept.positions.set(topic, position);
  }

  async clear(): Promise<void> {
    this.#kept.entries = new MemoryTaskStorage();
    this.#kept.positions.clear();
  }

  async close(): Promise<void> {
    this.#kept.isOpen = false;
  }
}

/** Bytes out of a changelog are a part of their batch; who kept them would keep the whole batch. */
function copied({ store, key, value }: StateWrite): StateWrite {
  return { store, key: new Uint8Array(key), value: value && new Uint8Array(value) };
}

function locked(taskId: string): StreamsError {
  const message = `the state of task ${taskId} is open already`;
  return new StreamsError('STREAMS_STATE_LOCKED', message, { retryable: true });
}
