/**
 * Looks after the local state of an application now and then: deletes that of tasks which have gone
 * elsewhere, after a while, and notes of that in use that it is complete.
 */
import { StreamsError } from '../errors.ts';
import type { LocalStateStorage } from '../state/local-state.ts';
import type { TaskState } from './task-state.ts';

export interface StateUpkeepOptions {
  readonly applicationId: string;
  readonly localState: LocalStateStorage;
  readonly clock: () => number;
  /** How long state stays that nobody uses, in milliseconds. */
  readonly cleanupDelayMs: number;
  readonly isOpen: (taskId: string) => boolean;
  /** States that have everything their changelogs have. Fails when the log cannot be asked. */
  readonly complete: () => Promise<readonly TaskState[]>;
}

/** Between two looks; seldom enough to cost nothing. */
const longestLookMs = 60_000;

/** A quiet task commits nothing, and would look abandoned after a day. */
const noteEveryMs = 60 * 60 * 1_000;

export class StateUpkeep {
  readonly #options: StateUpkeepOptions;
  readonly #timer: NodeJS.Timeout;
  /** When a task was first seen not to be in use. */
  readonly #unusedSince = new Map<string, number>();
  #notedMs: number;
  #running: Promise<void> = Promise.resolve();

  constructor(options: StateUpkeepOptions) {
    this.#options = options;
    this.#notedMs = options.clock();
    const everyMs = Math.min(longestLookMs, options.cleanupDelayMs);
    this.#timer = setInterval(() => void this.run(), everyMs).unref();
  }

  /** One look, which fails without harm: the next one tries again. */
  run(): Promise<void> {
    this.#running = this.#running.then(() => this.#run()).catch(() => undefined);
    return this.#running;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    const nowMs = this.#options.clock();
    for (const taskId of this.#abandoned(nowMs)) await this.#remove(taskId);
    if (nowMs - this.#notedMs < noteEveryMs) return;
    const complete = await this.#options.complete();
    await Promise.all(complete.map((state) => state.isCompleteAt(nowMs)));
    this.#notedMs = nowMs;
  }

  #abandoned(nowMs: number): string[] {
    const { localState, applicationId, isOpen, cleanupDelayMs } = this.#options;
    const unused = localState.tasks(applicationId).filter((taskId) => !isOpen(taskId));
    for (const taskId of this.#unusedSince.keys()) {
      if (!unused.includes(taskId)) this.#unusedSince.delete(taskId);
    }
    return unused.filter((taskId) => {
      const sinceMs = this.#unusedSince.get(taskId) ?? nowMs;
      this.#unusedSince.set(taskId, sinceMs);
      return nowMs - sinceMs >= cleanupDelayMs;
    });
  }

  async #remove(taskId: string): Promise<void> {
    const { localState, applicationId } = this.#options;
    try {
      await localState.removeTask(applicationId, taskId);
      this.#unusedSince.delete(taskId);
    } catch (error) {
      const isInUse = error instanceof StreamsError && error.code === 'STREAMS_STATE_LOCKED';
      if (!isInUse) throw error;
      this.#unusedSince.delete(taskId); // By another thread of this process.
    }
  }
}
