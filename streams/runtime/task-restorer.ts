/**
 * Brings tasks to the point where they can run: finds out where their inputs begin, opens their
 * states and reads what those lack, all of them at the same time, each as far as it is.
 *
 *   add ─▶ beginnings ─▶ state: of the standby, or opened ─▶ changelogs to their ends ─▶ takeReady
 *
 * The thread goes on meanwhile with the tasks that are ready, and keeps its place in the group.
 *
 * Equivalent: StoreChangelogReader and the state updater.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamsError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import { Backoff } from './backoff.ts';
import { ChangelogFollower, type FollowedTask } from './changelog-follower.ts';
import {
  Descriptions,
  followedState,
  type InputBeginning,
  inputBeginnings,
} from './restoring-task.ts';
import { completeAtWrite } from './stored-stream-time.ts';
import type { TaskPlace } from './task-places.ts';
import type { TaskState } from './task-state.ts';
import type { TaskStates } from './task-states.ts';

export interface TaskRestorerOptions {
  readonly log: Log;
  readonly groupId: string;
  readonly states: TaskStates;
  readonly clock: () => number;
  /** The state that stood by for the task, as far as it is. */
  readonly takeOver: (taskId: string) => Promise<TaskState | undefined>;
  /** Told of each step of a restore, and of its end. */
  readonly progressed: (progress: RestoreProgress) => void;
}

/** A task that has what it needs to run. */
export interface ReadyTask {
  readonly place: TaskPlace;
  readonly inputs: readonly InputBeginning[];
  /** `undefined`: the task is stateless. */
  readonly state: TaskState | undefined;
}

/** How far the state of a task has been restored from its changelogs. */
export interface RestoreProgress {
  readonly taskId: string;
  readonly restoredRecords: number;
  /** Keys and values. */
  readonly restoredBytes: number;
  /** Offsets that are still to be read; gaps in the changelogs are counted too. */
  readonly remaining: bigint;
  /** Since restoring began, in milliseconds. */
  readonly elapsedMs: number;
}

interface Restoring {
  readonly place: TaskPlace;
  readonly startedMs: number;
  phase: 'preparing' | 'following' | 'ready';
  inputs: readonly InputBeginning[];
  state: TaskState | undefined;
  followed: FollowedTask | undefined;
  isFinishing: boolean;
  /** Of `followed`, what the sums have. */
  countedRecords: number;
  countedBytes: number;
  /** It was taken away. What is still done for it ends at the next step. */
  isGone: boolean;
}

const firstPauseMs = 10;
const longestPauseMs = 1_000;

export class TaskRestorer {
  readonly #options: TaskRestorerOptions;
  readonly #tasks = new Map<string, Restoring>();
  readonly #follower: ChangelogFollower;
  #preparing: Promise<unknown> = Promise.resolve();
  #leaving: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #closed = false;
  restoredRecords = 0;
  restoredBytes = 0;

  constructor(options: TaskRestorerOptions) {
    this.#options = options;
    this.#follower = new ChangelogFollower(options.log, {
      advanced: (task) => this.#advanced(task),
      failed: (error) => this.#fail(error),
    });
  }

  has(taskId: string): boolean {
    return this.#tasks.has(taskId);
  }

  get isBusy(): boolean {
    return this.#tasks.size > 0;
  }

  /** Of the tasks that are not ready, or not taken yet. */
  get places(): readonly TaskPlace[] {
    return [...this.#tasks.values()].map(({ place }) => place);
  }

  get progress(): readonly RestoreProgress[] {
    return [...this.#tasks.values()].map((task) => this.#progressOf(task));
  }

  add(places: readonly TaskPlace[]): void {
    const tasks = places.map(
      (place): Restoring => ({
        place,
        startedMs: performance.now(),
        phase: 'preparing',
        inputs: [],
        state: undefined,
        followed: undefined,
        isFinishing: false,
        countedRecords: 0,
        countedBytes: 0,
        isGone: false,
      }),
    );
    for (const task of tasks) this.#tasks.set(task.place.taskId, task);
    const prepared = this.#retrying(() => this.#prepare(tasks));
    const settled = prepared.catch((error) => this.#fail(error));
    this.#preparing = Promise.all([this.#preparing, settled]);
  }

  /** The task went to somebody else. What was restored of it stays. */
  remove(taskId: string): void {
    const task = this.#tasks.get(taskId);
    if (task === undefined) return;
    this.#tasks.delete(taskId);
    task.isGone = true;
    if (task.phase === 'preparing') return; // It is dropped when that has come to its end.
    this.#leaving = Promise.all([this.#leaving, this.#leave(task)]);
  }

  /**
   * Tasks that became ready since it was asked last.
   *
   * @throws what made restoring impossible.
   */
  takeReady(): ReadyTask[] {
    if (this.#failure !== undefined) throw this.#failure.error;
    const ready = [...this.#tasks.values()].filter(({ phase }) => phase === 'ready');
    for (const { place } of ready) this.#tasks.delete(place.taskId);
    return ready;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const taskId of [...this.#tasks.keys()]) this.remove(taskId);
    await this.#preparing;
    await this.#follower.close();
    await this.#leaving;
  }

  /** May be tried again: then it goes on with what is not done. */
  async #prepare(tasks: readonly Restoring[]): Promise<void> {
    const { log, groupId } = this.#options;
    for (const task of tasks) if (task.isGone) this.#drop(task);
    const waiting = tasks.filter(({ phase, isGone }) => phase === 'preparing' && !isGone);
    const inputs = waiting.flatMap(({ place }) => place.inputs);
    const beginnings = await inputBeginnings(log, groupId, inputs);
    for (const task of waiting) task.inputs = beginnings.splice(0, task.place.inputs.length);
    const descriptions = new Descriptions(log);
    await Promise.all(waiting.map((task) => this.#begin(task, descriptions)));
  }

  async #begin(task: Restoring, descriptions: Descriptions): Promise<void> {
    const { states, takeOver, clock } = this.#options;
    const { sub, partition, taskId } = task.place;
    task.state ??= (await takeOver(taskId)) ?? (await states.open(sub, partition));
    const { state } = task;
    if (state !== undefined && !task.isGone) {
      task.followed = await followedState(state, descriptions, clock());
    }
    if (task.isGone) this.#drop(task);
    else if (task.followed === undefined) task.phase = 'ready';
    else if (task.followed.remaining === 0n) await this.#finish(task, task.followed);
    else this.#follow(task, task.followed);
  }

  #follow(task: Restoring, followed: FollowedTask): void {
    task.phase = 'following';
    this.#follower.follow(followed);
  }

  #advanced(followed: FollowedTask): void {
    const task = this.#tasks.get(followed.state.taskId);
    if (task?.followed !== followed) return;
    this.restoredRecords += followed.records - task.countedRecords;
    this.restoredBytes += followed.bytes - task.countedBytes;
    task.countedRecords = followed.records;
    task.countedBytes = followed.bytes;
    const progress = this.#progressOf(task);
    this.#options.progressed(progress);
    if (progress.remaining > 0n || task.isFinishing) return;
    task.isFinishing = true;
    const finished = this.#follower.leave(followed).then(() => this.#finish(task, followed));
    this.#leaving = Promise.all([this.#leaving, finished.catch((error) => this.#fail(error))]);
  }

  /** Everything is there: the state is as of now, and says so. */
  async #finish(task: Restoring, followed: FollowedTask): Promise<void> {
    if (!task.isGone) {
      const positions = followed.positions.map(({ topic, offset }) => [topic, offset] as const);
      const complete = completeAtWrite(this.#options.clock());
      await followed.state.storage.apply([complete], new Map(positions));
    }
    if (task.isGone) this.#drop(task);
    else task.phase = 'ready';
  }

  async #leave(task: Restoring): Promise<void> {
    if (task.followed !== undefined) await this.#follower.leave(task.followed);
    this.#drop(task);
  }

  #drop({ state }: Restoring): void {
    if (state !== undefined) this.#options.states.close(state);
  }

  #progressOf({ place, followed, startedMs }: Restoring): RestoreProgress {
    return {
      taskId: place.taskId,
      restoredRecords: followed?.records ?? 0,
      restoredBytes: followed?.bytes ?? 0,
      remaining: followed?.remaining ?? 0n,
      elapsedMs: performance.now() - startedMs,
    };
  }

  /** A state that somebody is just closing, a log that cannot be reached: tried again. */
  async #retrying(work: () => Promise<void>): Promise<void> {
    const backoff = new Backoff({ firstMs: firstPauseMs, maxMs: longestPauseMs });
    while (!this.#closed) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof StreamsError && error.retryable)) throw error;
        await sleep(backoff.failed());
      }
    }
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.#failure ??= { error };
  }
}
