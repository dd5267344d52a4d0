/**
 * Copies of the states of tasks that other members run, kept up to date from the changelogs: when
 * such a task comes to this member, only the last moment is missing. Some stand by for the day that a
 * member is lost; others warm up for a task that is on its way to this member.
 *
 * Equivalent: StandbyTask, and the warm-up replicas of KIP-441.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GroupPeer, Log, TopicPartition } from '../log/log.ts';
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
  /** A copy that warms up is ready when it is so many offsets behind, or fewer. */
  readonly acceptableLag: number;
  /** Whether a task has come to this member and is about to take its copy over. */
  readonly isTaken: (taskId: string) => boolean;
}

/** What it needs of the group. */
export interface StandbyGroup {
  readonly peers: () => Promise<readonly GroupPeer[]>;
  /** Told once of each task that warms up, by its inputs, when its copy is near enough. */
  readonly ready: (inputs: readonly TopicPartition[]) => void;
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

/** A task that is on its way to this member. */
interface Warming {
  readonly place: TaskPlace;
  isReady: boolean;
}

/** Between two looks at who is in the group. */
const lookMs = 1_000;

export class StandbyTasks {
  readonly #options: StandbyTasksOptions;
  readonly #standbys = new Map<string, Standby>();
  readonly #warming = new Map<string, Warming>();
  readonly #stop = new AbortController();
  #pause = new AbortController();
  #follower: ChangelogFollower;
  #hasFailed = false;
  #looking: Promise<void> | undefined;
  #group: StandbyGroup | undefined;
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

  start(group: StandbyGroup): void {
    this.#group = group;
    this.#looking ??= this.#look(group);
    for (const taskId of this.#warming.keys()) this.#tellIfReady(taskId);
  }

  /** Tasks that are on their way to this member, all of them. */
  warmUp(places: readonly TaskPlace[]): void {
    const before = new Map(this.#warming);
    this.#warming.clear();
    for (const place of places) {
      const { taskId } = place;
      this.#warming.set(taskId, before.get(taskId) ?? { place, isReady: false });
      this.#tellIfReady(taskId);
    }
    this.wake();
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

  async #look({ peers }: StandbyGroup): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        if (this.#hasFailed) await this.#beginAgain();
        await this.#place(this.#options.replicas > 0 ? await peers() : []);
      } catch {
        this.#failures += 1; // Nobody is worse off than without standbys: it looks again.
      }
      await sleep(lookMs, undefined, { signal: this.#pause.signal }).catch(() => undefined);
      this.#pause = new AbortController();
    }
  }

  async #place(peers: readonly GroupPeer[]): Promise<void> {
    const { tasks, replicas, states, isTaken } = this.#options;
    const { chosen, undecided } = standbysOf(peers, tasks, replicas);
    const isWanted = (taskId: string) => chosen.has(taskId) || this.#warming.has(taskId);
    const mayStay = (taskId: string) => (replicas > 0 && undecided.has(taskId)) || isTaken(taskId);
    const unwanted = [...this.#standbys.keys()].filter(
      (taskId) => !isWanted(taskId) && !mayStay(taskId),
    );
    await Promise.all(unwanted.map((taskId) => this.#drop(taskId)));
    for (const place of tasks) {
      const { taskId } = place;
      const isHere = this.#standbys.has(taskId) || states.isOpen(taskId) || isTaken(taskId);
      if (isWanted(taskId) && !isHere && !this.#stop.signal.aborted) this.#begin(place);
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
    if (this.#standbys.get(taskId) !== standby) return;
    this.#follower.follow(standby.followed);
    this.#tellIfReady(taskId);
  }

  /** A task that has no changelog has nothing to wait for. */
  #tellIfReady(taskId: string): void {
    const warming = this.#warming.get(taskId);
    if (warming === undefined || warming.isReady || this.#group === undefined) return;
    const { tasks, acceptableLag } = this.#options;
    const lag = this.#standbys.get(taskId)?.followed?.remaining;
    const hasState = tasks.some((place) => place.taskId === taskId);
    if (hasState && (lag === undefined || lag > BigInt(acceptableLag))) return;
    warming.isReady = true;
    this.#group.ready(warming.place.inputs);
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
      advanced: ({ state }) => this.#tellIfReady(state.taskId),
      failed: () => {
        this.#failures += 1;
        this.#hasFailed = true;
      },
    });
  }
}
