/** The states that a thread has open. A task that comes back waits until its state is closed. */
import type { Log } from '../log/log.ts';
import type { LocalStateStorage } from '../state/local-state.ts';
import { changelogName, type SubTopology, type Topology, taskIdOf } from '../topology/topology.ts';
import { type Changelog, TaskState } from './task-state.ts';

export interface TaskStatesOptions {
  readonly applicationId: string;
  readonly topology: Topology;
  readonly log: Log;
  readonly localState: LocalStateStorage;
}

export class TaskStates {
  readonly #options: TaskStatesOptions;
  readonly #open = new Map<string, TaskState>();
  readonly #closing = new Map<string, Promise<void>>();

  constructor(options: TaskStatesOptions) {
    this.#options = options;
  }

  isOpen(taskId: string): boolean {
    return this.#open.has(taskId) || this.#closing.has(taskId);
  }

  /** `undefined`: the task is stateless. */
  async open(sub: SubTopology, partition: number): Promise<TaskState | undefined> {
    if (sub.stores.length === 0) return undefined;
    const { applicationId, localState, log } = this.#options;
    const taskId = taskIdOf(sub.id, partition);
    await this.#closing.get(taskId);
    const storage = await localState.openTask(applicationId, taskId);
    const changelogs = this.changelogs(sub);
    const state = new TaskState({ taskId, partition, storage, changelogs, log });
    this.#open.set(taskId, state);
    return state;
  }

  changelogs(sub: SubTopology): Changelog[] {
    const { topology, applicationId } = this.#options;
    return topology.stores
      .filter(({ name, logged }) => logged && sub.stores.includes(name))
      .map((store) => ({ store, topic: changelogName(store.name, applicationId) }));
  }

  /** Closes it, which may take a while: nobody needs to wait for it. */
  close(state: TaskState): void {
    const { taskId } = state;
    if (this.#open.get(taskId) !== state) return;
    this.#open.delete(taskId);
    const closing = state.storage.close().finally(() => this.#closing.delete(taskId));
    closing.catch(() => undefined); // Whoever waits for it has its error.
    this.#closing.set(taskId, closing);
  }

  async closeAll(): Promise<void> {
    for (const state of [...this.#open.values()]) this.close(state);
    await Promise.all(this.#closing.values());
  }
}
