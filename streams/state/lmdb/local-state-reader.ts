/**
 * Reads the state of an application's tasks that other threads of this process have open. It has to be
 * told which tasks those are: what lies in the directory of a task that has gone is old.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StreamsError } from '../../errors.ts';
import type { TaskStorage } from '../storage.ts';
import { environmentPath } from './task-directory.ts';
import { TaskReader } from './task-reader.ts';

export class LocalStateReader {
  readonly #directory: string;
  readonly #tasks = new Map<string, TaskReader>();
  #kept: ReadonlySet<string> = new Set();

  /** `directory`: as the threads give it to `openLocalState`. */
  constructor(directory: string, applicationId: string) {
    this.#directory = join(directory, applicationId);
  }

  /**
   * What was committed of the task's state. A read fails when the task has gone since.
   *
   * @throws StreamsError `STREAMS_STORE_UNAVAILABLE` (retryable) when no thread has the task open.
   */
  task(taskId: string): TaskStorage {
    const open = this.#tasks.get(taskId);
    if (open !== undefined) return open;
    const path = environmentPath(join(this.#directory, taskId));
    if (!this.#kept.has(taskId) || !existsSync(path)) throw notHere(taskId);
    const task = new TaskReader(path);
    this.#tasks.set(taskId, task);
    return task;
  }

  /** These are the tasks now. The state of others may be moved, deleted, written by another process. */
  keepOnly(taskIds: ReadonlySet<string>): void {
    this.#kept = taskIds;
    for (const [taskId, task] of this.#tasks) {
      if (taskIds.has(taskId)) continue;
      task.close();
      this.#tasks.delete(taskId);
    }
  }

  close(): void {
    this.keepOnly(new Set());
  }
}

function notHere(taskId: string): StreamsError {
  const message = `the state of task ${taskId} cannot be read now: no thread has it open`;
  return new StreamsError('STREAMS_STORE_UNAVAILABLE', message, { retryable: true });
}
