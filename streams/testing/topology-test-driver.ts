/**
 * Runs a topology without a log: the real tasks, in memory, with time under the test's control.
 *
 * Each record that is piped in is processed to its end before `pipe` returns, with everything that
 * follows from it through repartition topics and topics that the topology reads back. Every record
 * is a commit of its own, so what is read here is what a log would hold; nothing is cached, so that
 * every update of a table is seen.
 *
 * Equivalent: TopologyTestDriver.
 */
import { StreamsError } from '../errors.ts';
import type { ProducedRecord } from '../log/log.ts';
import type { Header, StreamRecord } from '../record.ts';
import { type BoundSerdes, unboundSerdes } from '../runtime/bound-serdes.ts';
import { StreamTask } from '../runtime/stream-task.ts';
import type { Deserializer, Serializer } from '../serde.ts';
import { GlobalTableStore } from '../state/global-table-store.ts';
import { MemoryStateStorage } from '../state/memory-storage.ts';
import type { TaskStorage } from '../state/storage.ts';
import type { Entry, KeyValueStoreDefinition } from '../state/store.ts';
import { readCommitted } from '../state/store-reader.ts';
import type { ReadableTopic, WritableTopic } from '../topology/topic.ts';
import {
  changelogName,
  deadLetterTopicName,
  type Topology,
  taskIdOf,
  topicName,
} from '../topology/topology.ts';
import { batchOf, DriverTopics, type WrittenRecord } from './driver-topics.ts';
import { seededRandom } from './seeded-random.ts';

/** What a test decides of the surroundings. */
export interface TopologyTestDriverOptions {
  /** @defaultValue `'app'` */
  readonly applicationId?: string;
  /** Of every topic; records go to theirs by the hash of their key. @defaultValue 1 */
  readonly partitions?: number;
  /** Where the wall clock begins. @defaultValue 0 */
  readonly startMs?: number;
  /** Of `context.random()`. @defaultValue 1 */
  readonly seed?: number;
  /** Serdes bound to a registry, when the bytes matter. @defaultValue every serde as it is */
  readonly serdes?: BoundSerdes;
}

/** What a record has beside key and value. */
export interface PipeOptions {
  /** Event time. @defaultValue the driver's wall clock */
  readonly timestampMs?: number;
  readonly headers?: readonly Header[];
  /** @defaultValue the partition of the key; 0 without a key */
  readonly partition?: number;
}

/** A topic that the topology reads. */
export interface DriverInput<K, V> {
  /** `undefined` as value is a tombstone. */
  pipe(key: K | undefined, value: V | undefined, options?: PipeOptions): void;
  /** Any bytes, for records that cannot be read. */
  pipeBytes(key: Uint8Array | null, value: Uint8Array | null, options?: PipeOptions): void;
}

/** A record that was written to a topic. A tombstone's value is `undefined`. */
export interface DriverRecord<K, V> extends StreamRecord<K, V | undefined> {
  readonly headers: readonly Header[];
  readonly partition: number;
}

/** A topic that was written to. */
export interface DriverOutput<K, V> {
  /** Everything written since the last reading, oldest first. */
  records(): DriverRecord<K, V>[];
  /** The values alone. */
  values(): (V | undefined)[];
}

/** A store of the topology over all partitions. */
export interface DriverStore<K, V> {
  get(key: K): V | undefined;
  /** Partition by partition, in the order of the keys' bytes. */
  all(): Entry<K, V>[];
}

/** The topology, run on the test's time; see the head of this file. */
export class TopologyTestDriver {
  readonly #topology: Topology;
  readonly #applicationId: string;
  readonly #partitions: number;
  readonly #serdes: BoundSerdes;
  readonly #storage = new MemoryStateStorage();
  readonly #topics: DriverTopics;
  readonly #globalTables = new Map<string, GlobalTableStore<unknown, unknown>>();
  readonly #tasks: StreamTask[] = [];
  readonly #pending: { readonly topic: string; readonly record: WrittenRecord }[] = [];
  #nowMs: number;

  constructor(topology: Topology, options: TopologyTestDriverOptions = {}) {
    const { applicationId = 'app', partitions = 1, startMs = 0, seed = 1 } = options;
    this.#topology = topology;
    this.#applicationId = applicationId;
    this.#partitions = partitions;
    this.#serdes = options.serdes ?? unboundSerdes;
    this.#topics = new DriverTopics(partitions);
    this.#nowMs = startMs;
    for (const table of topology.globalTables) {
      const key = this.#serdes.of(table.key, table.topic.name, 'key');
      const value = this.#serdes.of(table.value, table.topic.name, 'value');
      this.#globalTables.set(table.name, new GlobalTableStore(table.name, key, value));
    }
    const random = seededRandom(seed);
    for (const { id } of topology.subTopologies) {
      for (let partition = 0; partition < partitions; partition++) {
        this.#tasks.push(this.#openTask(id, partition, random));
      }
    }
  }

  /** @throws StreamsError `STREAMS_TOPIC_UNKNOWN` when the topology does not read it. */
  input<K, V>(topic: WritableTopic<K, V>): DriverInput<K, V> {
    const { name } = topic;
    const keys: Serializer<K> = this.#serdes.of(topic.key, name, 'key');
    const values: Serializer<V> = this.#serdes.of(topic.value, name, 'value');
    this.#checkRead(name);
    const pipeBytes: DriverInput<K, V>['pipeBytes'] = (key, value, options = {}) => {
      const { timestampMs = this.#nowMs, headers = [], partition } = options;
      this.#pipe({ topic: name, key, value, timestampMs, headers, partition });
    };
    return {
      pipeBytes,
      pipe: (key, value, options) =>
        pipeBytes(
          key === undefined || key === null ? null : keys.serialize(key),
          value === undefined || value === null ? null : values.serialize(value),
          options,
        ),
    };
  }

  /** Each record is read once, whichever output reads it. */
  output<K, V>(topic: ReadableTopic<K, V>): DriverOutput<K, V> {
    const { name } = topic;
    const keys: Deserializer<K> = this.#serdes.of(topic.key, name, 'key');
    const values: Deserializer<V> = this.#serdes.of(topic.value, name, 'value');
    const records = () =>
      this.#topics.read(name).map(({ key, value, timestampMs, headers, partition }) => ({
        key: (key === null ? undefined : keys.deserialize(key)) as K,
        value: value === null ? undefined : values.deserialize(value),
        timestampMs,
        headers,
        partition,
      }));
    return { records, values: () => records().map(({ value }) => value) };
  }

  /** Moves the wall clock on and fires the punctuators that are due, each at most once. */
  advanceWallClock(ms: number): void {
    this.#nowMs += ms;
    for (const task of this.#tasks) {
      task.punctuate();
      this.#commit(task);
    }
    this.#processPending();
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** A processor's store by its definition, or a table's by its name. Rows come without times. */
  store<K, V>(definition: KeyValueStoreDefinition<K, V>): DriverStore<K, V>;
  store(name: string): DriverStore<unknown, unknown>;
  store(definition: { readonly name: string } | string): DriverStore<unknown, unknown> {
    const name = typeof definition === 'string' ? definition : definition.name;
    const spec = this.#topology.stores.find((store) => store.name === name);
    if (spec === undefined) {
      throw new StreamsError('STREAMS_STORE_UNKNOWN', `the topology has no store '${name}'`);
    }
    const topic = changelogName(name, this.#applicationId);
    const key = this.#serdes.of(spec.key, topic, 'key');
    const value = this.#serdes.of(spec.value, topic, 'value');
    const stores = this.#tasks
      .filter((task) => task.hasStore(name))
      .map(({ taskId }) => this.#storage.openTask(this.#applicationId, taskId))
      .map((storage) => readCommitted<unknown, unknown>({ ...spec, key, value }, storage));
    return {
      get: (wanted) => stores.map((store) => store.get(wanted)).find((row) => row !== undefined),
      all: () => stores.flatMap((store) => [...store.all()]),
    };
  }

  /** The changelog records of a store since the last reading, as bytes. */
  changelog(store: string): WrittenRecord[] {
    return this.#topics.read(changelogName(store, this.#applicationId));
  }

  /** The dead letters since the last reading, as bytes. */
  deadLetters(): WrittenRecord[] {
    return this.#topics.read(deadLetterTopicName(this.#applicationId));
  }

  /** Any topic by its name in the log, as bytes; a repartition topic's name begins with the id. */
  bytes(topic: string): WrittenRecord[] {
    return this.#topics.read(topic);
  }

  /** The committed bytes of a task, for tests of stores. */
  storageOf(taskId: string): TaskStorage {
    return this.#storage.openTask(this.#applicationId, taskId);
  }

  /** Leaves out what was written so far. */
  forgetOutput(): void {
    for (const topic of this.#topics.unread) this.#topics.read(topic);
  }

  /** Topics with records that nobody has read yet. */
  get unreadTopics(): string[] {
    return this.#topics.unread;
  }

  /** How often each operator dropped a record for each reason, over all tasks. */
  get dropped(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { metrics } of this.#tasks) {
      for (const { node, dropped } of metrics.nodes) {
        for (const [reason, count] of dropped) {
          counts[`${node}: ${reason}`] = (counts[`${node}: ${reason}`] ?? 0) + count;
        }
      }
    }
    return counts;
  }

  #openTask(subTopologyId: number, partition: number, random: () => number): StreamTask {
    const topology = this.#topology;
    const applicationId = this.#applicationId;
    const taskId = taskIdOf(subTopologyId, partition);
    return new StreamTask({
      topology,
      subTopologyId,
      partition,
      applicationId,
      storage: this.#storage.openTask(applicationId, taskId),
      serdes: this.#serdes,
      globalTables: this.#globalTables,
      clock: () => this.#nowMs,
      random,
      partitionCount: () => this.#partitions,
      changelogs: true,
    });
  }

  /** Lets a record in and processes everything that follows from it, in the order written. */
  #pipe(record: ProducedRecord): void {
    const { topic } = record;
    this.#pending.push({ topic, record: this.#topics.place(record) });
    this.#processPending();
  }

  #processPending(): void {
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      this.#deliver(next.topic, next.record);
    }
  }

  /** Hands a record to whoever reads its topic. */
  #deliver(topic: string, record: WrittenRecord): void {
    for (const table of this.#topology.globalTables) {
      if (table.topic.name === topic) this.#globalTables.get(table.name)?.apply(record);
    }
    for (const task of this.#tasks) {
      const reads = task.inputs.some(
        (input) => input.topic === topic && input.partition === record.partition,
      );
      if (!reads) continue;
      task.add(batchOf(topic, record));
      task.process(Number.POSITIVE_INFINITY);
      this.#commit(task);
    }
  }

  #commit(task: StreamTask): void {
    const { outputs, writes, changelog } = task.prepareCommit();
    this.#storage.openTask(this.#applicationId, task.taskId).apply(writes);
    task.committed();
    for (const record of changelog) this.#topics.keep(record.topic, this.#topics.place(record));
    for (const output of outputs) {
      const { topic } = output;
      const record = this.#topics.place(output);
      this.#topics.keep(topic, record);
      this.#pending.push({ topic, record });
    }
  }

  #checkRead(name: string): void {
    const read =
      this.#topology.subTopologies.some(({ sources }) =>
        sources.some((topic) => topicName(topic, this.#applicationId) === name),
      ) || this.#topology.globalTables.some(({ topic }) => topic.name === name);
    if (read) return;
    throw new StreamsError('STREAMS_TOPIC_UNKNOWN', `the topology does not read '${name}'`);
  }
}
