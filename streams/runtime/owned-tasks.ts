/** The tasks of a thread: made when all partitions of a task are assigned, dropped when one goes. */
import type { StreamsConfig } from '../config.ts';
import type { Log, RecordBatch, TopicPartition } from '../log/log.ts';
import { nameOf } from '../log/partition-name.ts';
import { CacheBudget } from '../state/cache-budget.ts';
import type { GlobalTableStore } from '../state/global-table-store.ts';
import type { LocalStateStorage } from '../state/local-state.ts';
import type { StateStorage, TaskStorage } from '../state/storage.ts';
import type { Topology } from '../topology/topology.ts';
import type { BoundSerdes } from './bound-serdes.ts';
import { LocalStates, noStateMetrics, type StateMetrics } from './local-states.ts';
import { type InputBeginning, inputBeginnings } from './restoring-task.ts';
import type { StandbyGroup } from './standby-tasks.ts';
import { StreamTask } from './stream-task.ts';
import { placesOf, type TaskPlace } from './task-places.ts';
import type { ReadyTask, RestoreProgress } from './task-restorer.ts';
import type { TaskState } from './task-state.ts';
import { worthKeeping } from './tasks-to-keep.ts';

export interface TaskMaterial {
  readonly topology: Topology;
  readonly config: StreamsConfig;
  readonly log: Log;
  /** Where state is: in the log's own transactions, or here and in changelogs. */
  readonly state: { readonly ofLog: StateStorage } | { readonly local: LocalStateStorage };
  readonly serdes: BoundSerdes;
  readonly globalTables: ReadonlyMap<string, GlobalTableStore<unknown, unknown>>;
  readonly clock: () => number;
  readonly random: () => number;
  /** Partitions of each topic, by its name in the log. */
  readonly partitionCounts: ReadonlyMap<string, number>;
  readonly recordsLost: (lost: RecordsLost) => void;
  readonly restoreProgressed: (progress: RestoreProgress) => void;
}

export interface OwnedTask {
  readonly task: StreamTask;
  readonly subTopologyId: number;
  readonly partition: number;
  readonly storage: TaskStorage;
  /** Where a commit goes when the log has it and does not keep state; `undefined`: nowhere. */
  readonly state: TaskState | undefined;
  /** Clock time when it last did something. */
  progressMs: number;
  processed: number;
  /** Records that retention removed before the task had read them. */
  lostRecords: bigint;
}

/** Records that a task never saw: retention removed them first. */
export interface RecordsLost extends TopicPartition {
  readonly taskId: string;
  /** The first offset that was lost. */
  readonly fromOffset: bigint;
  /** Where reading goes on. Offsets between that compaction had removed before are counted too. */
  readonly toOffset: bigint;
}

interface Input {
  readonly owner: OwnedTask;
  readonly partition: TopicPartition;
  /** The next offset that the task has not been given. */
  nextOffset: bigint;
  paused: boolean;
  /** What came lay behind a gap: it was read before the partition was sought. */
  isAhead: boolean;
}

/** An input whose task is not ready: nothing of it is wanted yet. */
interface HeldInput {
  readonly partition: TopicPartition;
  paused: boolean;
}

/** What the member is to do with partitions. Each is told once; in this order. */
export interface Flow {
  readonly pause: readonly TopicPartition[];
  readonly seek: readonly (TopicPartition & { readonly offset: bigint })[];
  readonly resume: readonly TopicPartition[];
}

export class OwnedTasks {
  readonly #material: TaskMaterial;
  readonly #assigned = new Map<string, TopicPartition>();
  readonly #tasks = new Map<string, OwnedTask>();
  readonly #inputs = new Map<string, Input>();
  readonly #held = new Map<string, HeldInput>();
  readonly #local: LocalStates | undefined;
  /** Shared by all tasks, so that a busy one may hold what the others do not. */
  readonly #cacheBudget: CacheBudget | undefined;
  #all: readonly OwnedTask[] = [];

  constructor(material: TaskMaterial) {
    this.#material = material;
    const { state } = material;
    if ('local' in state) {
      const running = () => this.#all.flatMap((owned) => owned.state ?? []);
      this.#local = new LocalStates({ ...material, localState: state.local, running });
    }
    const { cacheMaxBytes } = material.config;
    this.#cacheBudget = cacheMaxBytes > 0 ? new CacheBudget(cacheMaxBytes) : undefined;
  }

  /** Those that run. */
  get all(): readonly OwnedTask[] {
    return this.#all;
  }

  /** Whether tasks of this member are not ready to run yet. */
  get isRestoring(): boolean {
    return this.#local?.restorer.isBusy ?? false;
  }

  /** Makes the tasks that now have all of their partitions, or begins to restore them. */
  async assign(partitions: readonly TopicPartition[]): Promise<void> {
    for (const partition of partitions) this.#assigned.set(nameOf(partition), partition);
    const places = this.#newPlaces();
    this.#local?.standbys.wake();
    if (this.#local !== undefined) {
      for (const partition of places.flatMap(({ inputs }) => inputs)) {
        this.#held.set(nameOf(partition), { partition, paused: false });
      }
      this.#local.restorer.add(places);
      return;
    }
    const { log, config } = this.#material;
    for (const place of places) {
      const inputs = await inputBeginnings(log, config.applicationId, place.inputs);
      this.#start({ place, inputs, state: undefined });
    }
  }

  /** Drops the tasks that lose a partition, without a commit. */
  revoke(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const name = nameOf(partition);
      this.#assigned.delete(name);
      this.#held.delete(name);
      const owner = this.#inputs.get(name)?.owner;
      if (owner !== undefined) this.#drop(owner);
    }
    for (const place of this.#local?.restorer.places ?? []) {
      if (place.inputs.every((input) => this.#assigned.has(nameOf(input)))) continue;
      this.#local?.restorer.remove(place.taskId);
      for (const input of place.inputs) this.#held.delete(nameOf(input));
    }
    this.#all = [...this.#tasks.values()];
    this.#local?.standbys.wake();
  }

  clear(): void {
    this.expect([]);
    this.revoke([...this.#assigned.values()]);
  }

  /** The inputs of those tasks that are to go on here until whoever gets them has their state. */
  async keeps(partitions: readonly TopicPartition[]): Promise<readonly TopicPartition[]> {
    const going = new Set(partitions.map(nameOf));
    const whole = this.#all.filter(({ task }) => task.inputs.every((it) => going.has(nameOf(it))));
    const kept = await worthKeeping(whole, this.#material.config);
    return kept.flatMap(({ task }) => task.inputs);
  }

  /** Copies the states of the tasks that are on their way here, all of them. */
  expect(partitions: readonly TopicPartition[]): void {
    const coming = new Set(partitions.map(nameOf));
    const places = placesOf(this.#material).filter(
      ({ inputs }) => inputs.length > 0 && inputs.every((input) => coming.has(nameOf(input))),
    );
    this.#local?.standbys.warmUp(places);
  }

  /**
   * Gives a batch to its task. What the task was given before is left out: a partition that went
   * and came back may be delivered again.
   */
  deliver(batch: RecordBatch): number {
    const input = this.#inputs.get(nameOf(batch));
    if (input === undefined || batch.nextOffset <= input.nextOffset) return 0;
    const { nextOffset } = input;
    if ((batch.fromOffset ?? nextOffset) > nextOffset) {
      input.isAhead = true;
      return 0;
    }
    const isNew = (batch.records[0]?.offset ?? nextOffset) >= nextOffset;
    const records = isNew
      ? batch.records
      : batch.records.filter(({ offset }) => offset >= nextOffset);
    const { lostRecords = 0n } = batch;
    if (lostRecords > 0n) this.#lose(input.owner, batch, nextOffset, nextOffset + lostRecords);
    input.owner.task.add({ ...batch, records });
    input.nextOffset = batch.nextOffset;
    return records.reduce(
      (sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0),
      0,
    );
  }

  /**
   * Starts the tasks that have been restored, and says which partitions are to be paused, read from
   * where their tasks begin, and resumed. What has been polled must have been delivered before.
   */
  flow(): Flow {
    const flow = { pause: [] as TopicPartition[], resume: [] as TopicPartition[] };
    const ready = this.#local?.restorer.takeReady() ?? [];
    const seek = ready.flatMap((one) => this.#startHeld(one, flow.resume));
    for (const input of this.#inputs.values()) {
      if (!input.isAhead) continue;
      input.isAhead = false;
      seek.push({ ...input.partition, offset: input.nextOffset });
    }
    for (const input of this.#held.values()) if (!input.paused) flow.pause.push(pausing(input));
    const limit = this.#material.config.bufferedRecords;
    for (const input of this.#inputs.values()) {
      const { owner, partition } = input;
      const buffered = owner.task.buffered(partition.topic);
      if (!input.paused && buffered > limit) flow.pause.push(partition);
      else if (input.paused && buffered <= limit / 2) flow.resume.push(partition);
      else continue;
      input.paused = !input.paused;
    }
    return { ...flow, seek };
  }

  /** Keeps copies of the states of other members' tasks from now on, as far as that is wanted. */
  standBy(group: StandbyGroup): void {
    this.#local?.standbys.start(group);
  }

  /** Ends restoring and standing by, and closes the states. `clear` comes before. */
  async close(): Promise<void> {
    await this.#local?.close();
  }

  get stateMetrics(): StateMetrics {
    return this.#local?.metrics ?? noStateMetrics;
  }

  #startHeld(ready: ReadyTask, resume: TopicPartition[]) {
    this.#start(ready);
    return ready.place.inputs.map((partition) => {
      const name = nameOf(partition);
      if (this.#held.get(name)?.paused) resume.push(partition);
      this.#held.delete(name);
      // What came before the task was there was let go of.
      return { ...partition, offset: this.#inputs.get(name)?.nextOffset ?? 0n };
    });
  }

  #newPlaces(): TaskPlace[] {
    return placesOf(this.#material).filter(({ taskId, inputs }) => {
      if (this.#tasks.has(taskId) || this.#local?.restorer.has(taskId)) return false;
      return inputs.every((input) => this.#assigned.has(nameOf(input)));
    });
  }

  #start({ place, inputs, state }: ReadyTask): void {
    const { topology, config, log, partitionCounts, ...rest } = this.#material;
    const { applicationId, taskIdleMs, deadLetterTopic } = config;
    const storage = state?.storage ?? this.#storageOf(place.taskId);
    const task = new StreamTask({
      ...rest,
      topology,
      subTopologyId: place.sub.id,
      partition: place.partition,
      applicationId,
      storage,
      partitionCount: (topic) => partitionCounts.get(topic) ?? 0,
      taskIdleMs,
      deadLetterTopic,
      changelogs: this.#local !== undefined,
      cacheBudget: this.#cacheBudget,
      checkOutput: (record) => log.checkRecord(record),
    });
    const owned: OwnedTask = {
      task,
      subTopologyId: place.sub.id,
      partition: place.partition,
      storage,
      state,
      progressMs: rest.clock(),
      processed: 0,
      lostRecords: 0n,
    };
    for (const input of inputs) this.#begin(owned, input);
    this.#tasks.set(place.taskId, owned);
    this.#all = [...this.#tasks.values()];
  }

  #storageOf(taskId: string): TaskStorage {
    const { state, config } = this.#material;
    return 'ofLog' in state ? state.ofLog.openTask(config.applicationId, taskId) : noStorage;
  }

  #begin(owner: OwnedTask, { input, committed, beginning, end }: InputBeginning): void {
    const { config } = this.#material;
    const begin = config.startFrom === 'earliest' ? beginning : end;
    const isLost = committed !== undefined && committed < beginning;
    if (isLost) this.#lose(owner, input, committed, beginning);
    const nextOffset = isLost ? beginning : (committed ?? begin);
    owner.task.begin(input, nextOffset, end);
    this.#inputs.set(nameOf(input), {
      owner,
      partition: input,
      nextOffset,
      paused: false,
      isAhead: false,
    });
  }

  #lose(owner: OwnedTask, from: TopicPartition, fromOffset: bigint, toOffset: bigint): void {
    const { topic, partition } = from;
    owner.lostRecords += toOffset - fromOffset;
    const { taskId } = owner.task;
    this.#material.recordsLost({ taskId, topic, partition, fromOffset, toOffset });
  }

  #drop(owned: OwnedTask): void {
    this.#tasks.delete(owned.task.taskId);
    for (const input of owned.task.inputs) this.#inputs.delete(nameOf(input));
    if (owned.state !== undefined) this.#local?.states.close(owned.state);
  }
}

/** Of a task without stores. */
const noStorage: TaskStorage = { get: () => undefined, range: () => [] };

function pausing(input: HeldInput): TopicPartition {
  input.paused = true;
  return input.partition;
}
