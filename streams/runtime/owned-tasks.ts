/** The tasks of a thread: made when all partitions of a task are assigned, dropped when one goes. */
import type { StreamsConfig } from '../config.ts';
import type { Log, RecordBatch, TopicPartition } from '../log/log.ts';
import { CacheBudget } from '../state/cache-budget.ts';
import type { GlobalTableStore } from '../state/global-table-store.ts';
import type { MemoryTaskStorage } from '../state/memory-storage.ts';
import type { StateStorage, TaskStorage } from '../state/storage.ts';
import { type SubTopology, type Topology, taskIdOf, topicName } from '../topology/topology.ts';
import type { BoundSerdes } from './bound-serdes.ts';
import { restoredStorage } from './restore.ts';
import { StreamTask } from './stream-task.ts';

export interface TaskMaterial {
  readonly topology: Topology;
  readonly config: StreamsConfig;
  readonly log: Log;
  /** Of the log's own transactions; `undefined`: state comes from changelogs. */
  readonly stateStorage: StateStorage | undefined;
  readonly serdes: BoundSerdes;
  readonly globalTables: ReadonlyMap<string, GlobalTableStore<unknown, unknown>>;
  readonly clock: () => number;
  readonly random: () => number;
  /** Partitions of each topic, by its name in the log. */
  readonly partitionCounts: ReadonlyMap<string, number>;
  readonly recordsLost: (lost: RecordsLost) => void;
}

export interface OwnedTask {
  readonly task: StreamTask;
  readonly subTopologyId: number;
  readonly partition: number;
  readonly storage: TaskStorage;
  /** Where a commit's writes go when the log does not take them. */
  readonly restored: MemoryTaskStorage | undefined;
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
}

export class OwnedTasks {
  readonly #material: TaskMaterial;
  readonly #assigned = new Map<string, TopicPartition>();
  readonly #tasks = new Map<string, OwnedTask>();
  readonly #inputs = new Map<string, Input>();
  /** Shared by all tasks, so that a busy one may hold what the others do not. */
  readonly #cacheBudget: CacheBudget | undefined;
  #all: readonly OwnedTask[] = [];
  #restoredRecords = 0;

  constructor(material: TaskMaterial) {
    this.#material = material;
    const { cacheMaxBytes } = material.config;
    this.#cacheBudget = cacheMaxBytes > 0 ? new CacheBudget(cacheMaxBytes) : undefined;
  }

  get all(): readonly OwnedTask[] {
    return this.#all;
  }

  /** Records read from changelogs so far. */
  get restoredRecords(): number {
    return this.#restoredRecords;
  }

  /** Makes the tasks that now have all of their partitions. */
  async assign(partitions: readonly TopicPartition[]): Promise<void> {
    for (const partition of partitions) this.#assigned.set(nameOf(partition), partition);
    for (const sub of this.#material.topology.subTopologies) {
      for (let partition = 0; partition < sub.partitions; partition++) {
        const taskId = taskIdOf(sub.id, partition);
        if (this.#tasks.has(taskId) || !this.#isComplete(sub, partition)) continue;
        this.#tasks.set(taskId, await this.#make(sub, partition));
        this.#all = [...this.#tasks.values()];
      }
    }
  }

  /** Drops the tasks that lose a partition, without a commit. */
  revoke(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const name = nameOf(partition);
      this.#assigned.delete(name);
      const owner = this.#inputs.get(name)?.owner;
      if (owner !== undefined) this.#drop(owner);
    }
    this.#all = [...this.#tasks.values()];
  }

  clear(): void {
    this.revoke([...this.#assigned.values()]);
  }

  /**
   * Gives a batch to its task. What the task was given before is left out: a partition that went
   * and came back may be delivered again.
   */
  deliver(batch: RecordBatch): number {
    const input = this.#inputs.get(nameOf(batch));
    if (input === undefined || batch.nextOffset <= input.nextOffset) return 0;
    const { nextOffset } = input;
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

  /** Partitions whose tasks have enough, and those that want more again. Each is told once. */
  flow(): { readonly pause: TopicPartition[]; readonly resume: TopicPartition[] } {
    const limit = this.#material.config.bufferedRecords;
    const pause: TopicPartition[] = [];
    const resume: TopicPartition[] = [];
    for (const input of this.#inputs.values()) {
      const { owner, partition } = input;
      const buffered = owner.task.buffered(partition.topic);
      if (!input.paused && buffered > limit) pause.push(partition);
      else if (input.paused && buffered <= limit / 2) resume.push(partition);
      else continue;
      input.paused = !input.paused;
    }
    return { pause, resume };
  }

  #isComplete({ sources }: SubTopology, partition: number): boolean {
    const { config, partitionCounts } = this.#material;
    return sources.every((source) => {
      const topic = topicName(source, config.applicationId);
      if (partition >= (partitionCounts.get(topic) ?? 0)) return true;
      return this.#assigned.has(nameOf({ topic, partition }));
    });
  }

  async #make(sub: SubTopology, partition: number): Promise<OwnedTask> {
    const { topology, config, log, stateStorage, partitionCounts, ...rest } = this.#material;
    const { applicationId, taskIdleMs, deadLetterTopic } = config;
    const taskId = taskIdOf(sub.id, partition);
    const restored = stateStorage === undefined ? await this.#restore(sub, partition) : undefined;
    const storage = restored ?? (stateStorage as StateStorage).openTask(applicationId, taskId);
    const task = new StreamTask({
      ...rest,
      topology,
      subTopologyId: sub.id,
      partition,
      applicationId,
      storage,
      partitionCount: (topic) => partitionCounts.get(topic) ?? 0,
      taskIdleMs,
      deadLetterTopic,
      changelogs: restored !== undefined,
      cacheBudget: this.#cacheBudget,
      checkOutput: (record) => log.checkRecord(record),
    });
    const owned: OwnedTask = {
      task,
      subTopologyId: sub.id,
      partition,
      storage,
      restored,
      progressMs: rest.clock(),
      processed: 0,
      lostRecords: 0n,
    };
    for (const input of task.inputs) await this.#begin(owned, input);
    return owned;
  }

  async #begin(owner: OwnedTask, input: TopicPartition): Promise<void> {
    const { log, config } = this.#material;
    const { offsets } = await log.describeTopic(input.topic);
    const { beginning, end } = offsets[input.partition] as { beginning: bigint; end: bigint };
    const [committed] = await log.committed(config.applicationId, [input]);
    const begin = config.startFrom === 'earliest' ? beginning : end;
    const isLost = committed !== undefined && committed < beginning;
    if (isLost) this.#lose(owner, input, committed, beginning);
    const nextOffset = isLost ? beginning : (committed ?? begin);
    owner.task.begin(input, nextOffset, end);
    this.#inputs.set(nameOf(input), { owner, partition: input, nextOffset, paused: false });
  }

  #lose(owner: OwnedTask, from: TopicPartition, fromOffset: bigint, toOffset: bigint): void {
    const { topic, partition } = from;
    owner.lostRecords += toOffset - fromOffset;
    const { taskId } = owner.task;
    this.#material.recordsLost({ taskId, topic, partition, fromOffset, toOffset });
  }

  #restore({ stores }: SubTopology, partition: number): Promise<MemoryTaskStorage> {
    const { topology, config, log } = this.#material;
    return restoredStorage({
      log,
      applicationId: config.applicationId,
      partition,
      stores: topology.stores.filter(({ name }) => stores.includes(name)),
      progress: (records) => {
        this.#restoredRecords += records;
      },
    });
  }

  #drop(owned: OwnedTask): void {
    this.#tasks.delete(owned.task.taskId);
    for (const input of owned.task.inputs) this.#inputs.delete(nameOf(input));
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
