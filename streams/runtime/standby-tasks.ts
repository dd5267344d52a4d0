/**
 * Copies of the states of tasks that other members run, kept up to date from the changelogs: when
 * such a task comes to this member, only the last moment is missing.
 *
 * Equivalent: StandbyTask.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GroupPeer, Log } from '../log/log.ts';
import { ChangelogFollower, type FollowedTask } from './changelog-follower.ts';
import { Descriptions, followedState } from './restoring-task.ts';
import { standbysOf } from './standby-placement.ts';
import type { TaskPlace } from './task-places.ts';
import type { TaskState } from './task-state.ts';
import type { TaskStates } from './task-states.ts';

export interface StandbyTasksOptions {
  readonly log: Log;
  readonly states: TaskStates;
  readonly clock: () => number;
  /** Members that stand by for each task. */
  readonly replicas: number;
  /** Every task that has a changelog. */
  readonly tasks: readonly TaskPlace[];
}

export interface StandbyReport {
  readonly taskId: string;
  /** Records that were applied. */
  readonly records: number;
  /** Keys and values. */
  readonly bytes: number;
  /** Offsets that it is behind, as of the last records; gaps in the changelogs are counted too. */
  readonly lag: bigint;
}

interface Standby {
  /** Resolves when `followed` is there, or could not be had. */
  opening: Promise<void>;
  followed: FollowedTask | undefined;
}

/** Between two looks at who is in the group. */
const lookMs = 1_000;

export class StandbyTasks {
  readonly #options: StandbyTasksOptions;
  readonly #standbys = new Map<string, Standby>();
  readonly #stop = new AbortController();
  #pause = new AbortController();
  #follower: ChangelogFollower;
  #hasFailed = false;
  #looking: Promise<void> | undefined;
  #failures = 0;

  constructor(options: StandbyTasksOptions) {
    this.#options = options;
    this.#follower = this.#newFollower();
  }

  get reports(): readonly StandbyReport[] {
    return [...this.#standbys].flatMap(([taskId, { followed }]) => {
      if (followed === undefined) return [];
      const { records, bytes, remaining } = followed;
      return [{ taskId, records, bytes, lag: remaining }];
    });
  }

  /** Times that standing by had to begin again. */
  get failures(): number {
    return this.#failures;
  }

  /** States that have everything that their changelogs have now. */
  async complete(): Promise<readonly TaskState[]> {
    const complete: TaskState[] = [];
    for (const { followed } of this.#standbys.values()) {
      const ends = await followed?.state.ends();
      const isComplete = followed?.positions.every(({ topic, offset }) => {
        return offset >= (ends?.get(topic) ?? 0n);
      });
      if (followed !== undefined && isComplete) complete.push(followed.state);
    }
    return complete;
  }

  /** Partitions came or went: it looks at once. */
  wake(): void {
    this.#pause.abort();
  }

  start(peers: () => Promise<readonly GroupPeer[]>): void {
    if (this.#options.replicas > 0) this.#looking ??= this.#look(peers);
  }

  /** Hands a state over, as far as it is; `undefined`: none stood by. */
  async takeOver(taskId: string): Promise<TaskState | undefined> {
    const standby = this.#standbys.get(taskId);
    if (standby === undefined) return undefined;
    this.#standbys.delete(taskId);
    await standby.opening;
    if (standby.followed !== undefined) await this.#follower.leave(standby.followed);
    return standby.followed?.state;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.wake();
    await this.#looking;
    await this.#dropAll();
  }

  async #look(peers: () => Promise<readonly GroupPeer[]>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        if (this.#hasFailed) await this.#beginAgain();
        await this.#place(await peers());
      } catch {
        this.#failures += 1; // Nobody is worse off than without standbys: it looks again.
      }
      await sleep(lookMs, undefined, { signal: this.#pause.signal }).catch(() => undefined);
      this.#pause = new AbortController();
    }
  }

  async #place(peers: readonly GroupPeer[]): Promise<void> {
    const { tasks, replicas, states } = this.#options;
    const { chosen, undecided } = standbysOf(peers, tasks, replicas);
    const unwanted = [...this.#standbys.keys()].filter(
      (taskId) => !chosen.has(taskId) && !undecided.has(taskId),
    );
    await Promise.all(unwanted.map((taskId) => this.#drop(taskId)));
    for (const place of tasks) {
      const { taskId } = place;
      const isNew = chosen.has(taskId) && !this.#standbys.has(taskId) && !states.isOpen(taskId);
      if (isNew && !this.#stop.signal.aborted) this.#begin(place);
    }
  }

  #begin(place: TaskPlace): void {
    const standby: Standby = { opening: Promise.resolve(), followed: undefined };
    this.#standbys.set(place.taskId, standby);
    standby.opening = this.#open(place, standby).catch(() => {
      this.#failures += 1;
      if (this.#standbys.get(place.taskId) === standby) this.#standbys.delete(place.taskId);
    });
  }

  async #open({ taskId, sub, partition }: TaskPlace, standby: Standby): Promise<void> {
    const { states, log, clock } = this.#options;
    const state = await states.open(sub, partition);
    if (state === undefined) return;
    try {
      standby.followed = await followedState(state, new Descriptions(log), clock());
    } catch (error) {
      states.close(state);
      throw error;
    }
    if (this.#standbys.get(taskId) === standby) this.#follower.follow(standby.followed);
  }

  /** What it has stays on disk for a while: it may be wanted again. */
  async #drop(taskId: string): Promise<void> {
    const state = await this.takeOver(taskId);
    if (state !== undefined) this.#options.states.close(state);
  }

  async #dropAll(): Promise<void> {
    await Promise.all([...this.#standbys.keys()].map((taskId) => this.#drop(taskId)));
    await this.#follower.close();
  }

  async #beginAgain(): Promise<void> {
    await this.#dropAll();
    this.#follower = this.#newFollower();
    this.#hasFailed = false;
  }

  #newFollower(): ChangelogFollower {
    return new ChangelogFollower(this.#options.log, {
      advanced: () => {},
      failed: () => {
        this.#failures += 1;
        this.#hasFailed = true;
      },
    });
  }
}
