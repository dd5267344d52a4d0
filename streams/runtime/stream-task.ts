/**
 * One sub-topology on one partition: takes batches of bytes, runs them through the compiled nodes in
 * the order of event time, and hands out everything that its commit must make durable.
 *
 *   add ─▶ queues ─▶ process ─▶ nodes ─▶ outputs, store buffers ─▶ prepareCommit
 *                       └─ a record that fails ─▶ undone, dead letter        │
 *              rollback ◀── the log refused ── the runtime ── it is durable ─▶ committed
 *
 * Synchronous throughout. Processing may go on between `prepareCommit` and `committed`: what is done
 * then belongs to the next commit, and a rollback takes it back with the commit that failed.
 *
 * Equivalent: StreamTask.
 */
import { StreamsError } from '../errors.ts';
import type { ConsumedRecord, ProducedRecord, RecordBatch, TopicPartition } from '../log/log.ts';
import type { RecordMetadata } from '../record.ts';
import type { GlobalTableStore } from '../state/global-table-store.ts';
import type { TaskStorage } from '../state/storage.ts';
import { deadLetterTopicName, type Topology, taskIdOf, topicName } from '../topology/topology.ts';
import type { BoundSerdes } from './bound-serdes.ts';
import { compileNodes, type NodeMetrics, type TaskSurroundings } from './compiled-nodes.ts';
import { isFaultOfRecord } from './dead-letter.ts';
import { PartitionGroup } from './partition-group.ts';
import { failingTask, type Punctuation, Punctuations } from './punctuation.ts';
import type { RecordQueue } from './record-queue.ts';
import { recordSink } from './record-sink.ts';
import { type Source, sourceOf } from './record-source.ts';
import { storedStreamTime, streamTimeWrite } from './stored-stream-time.ts';
import type { TaskCommit } from './task-commit.ts';
import { TaskOutputs } from './task-outputs.ts';
import { type OpenStore, TaskStores } from './task-stores.ts';

export interface StreamTaskOptions {
  readonly topology: Topology;
  readonly subTopologyId: number;
  readonly partition: number;
  readonly applicationId: string;
  /** The committed state of this task. */
  readonly storage: TaskStorage;
  readonly serdes: BoundSerdes;
  /** By the table's name; fed by the runtime. */
  readonly globalTables: ReadonlyMap<string, GlobalTableStore<unknown, unknown>>;
  /** Milliseconds since the Unix epoch. */
  readonly clock: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Partitions of a topic, by its name in the log. */
  readonly partitionCount: (topic: string) => number;
  /**
   * How long to wait for a record from an empty input, in milliseconds. 0 waits only for what the
   * log is known to hold; -1 for nothing. @defaultValue 0 @see max.task.idle.ms
   */
  readonly taskIdleMs?: number;
  /** Throws when the log would refuse an output: then its record fails, not the whole commit. */
  readonly checkOutput?: (record: ProducedRecord) => void;
  /** Where failed records go. @defaultValue `<application>-dead-letters` */
  readonly deadLetterTopic?: string;
  /** Whether commits carry changelog records: for a log that does not commit state itself. */
  readonly changelogs?: boolean;
}

export interface TaskMetrics {
  readonly nodes: readonly NodeMetrics[];
  /** Records that went to the dead-letter topic. */
  readonly deadLetters: number;
  readonly streamTimeMs: number;
  readonly lag: bigint;
}

/** What a rollback goes back to, beside queues, stores and punctuators. */
interface Progress {
  readonly deadLetters: number;
  readonly streamTimeMs: number;
  /** A stream-time punctuator failed and was undone: it comes before the next record. */
  readonly owesPunctuation: boolean;
}

export class StreamTask {
  readonly taskId: string;
  /** The partitions it reads, by their names in the log. */
  readonly inputs: readonly TopicPartition[];
  readonly #options: StreamTaskOptions;
  readonly #group: PartitionGroup;
  readonly #sources = new Map<string, Source>();
  readonly #stores: TaskStores;
  readonly #outputs: TaskOutputs;
  readonly #punctuations = new Punctuations();
  readonly #nodes: readonly NodeMetrics[];
  readonly #stateful: boolean;
  #deadLetters = 0;
  #streamTimeMs: number;
  #owesPunctuation = false;
  #committed: Progress;
  /** As of the commit in flight. */
  #prepared: Progress | undefined;
  #current: ConsumedRecord | undefined;
  #currentQueue: RecordQueue | undefined;
  #punctuatedAtMs = -1;
  #failure: { readonly error: unknown; readonly node: string } | undefined;

  /** @throws StreamsError `STREAMS_STORE_UNKNOWN` when an operator asks for a store it has not. */
  constructor(options: StreamTaskOptions) {
    const { topology, subTopologyId, partition, applicationId, storage } = options;
    this.#options = options;
    this.taskId = taskIdOf(subTopologyId, partition);
    const sub = subTopologyOf(topology, subTopologyId);
    this.inputs = sub.sources
      .filter((topic) => partition < options.partitionCount(topicName(topic, applicationId)))
      .map((topic) => ({ topic: topicName(topic, applicationId), partition }));
    this.#group = new PartitionGroup(this.inputs, options.taskIdleMs ?? 0);
    this.#outputs = new TaskOutputs({
      deadLetterTopic: options.deadLetterTopic ?? deadLetterTopicName(applicationId),
      checkOutput: options.checkOutput,
    });
    this.#stateful = sub.stores.length > 0;
    this.#streamTimeMs = this.#stateful ? storedStreamTime(storage) : -1;
    this.#committed = this.#progress;
    this.#stores = new TaskStores({
      ...options,
      specs: topology.stores.filter(({ name }) => sub.stores.includes(name)),
      nowMs: () => this.#current?.timestampMs ?? this.#punctuatedAtMs,
    });
    const nodes = topology.nodes.filter(({ name }) => sub.nodes.includes(name));
    const compiled = compileNodes(nodes, this.#surroundings());
    this.#nodes = compiled.metrics;
    for (const { topic } of this.inputs) {
      this.#sources.set(topic, sourceOf(topic, nodes, compiled.entry, options));
    }
    this.#setSavepoint();
  }

  /** Tells where reading of an input begins and where it ends now, so that lag is known at once. */
  begin(input: TopicPartition, nextOffset: bigint, endOffset: bigint): void {
    this.#queueOf(input.topic).begin(nextOffset, endOffset);
  }

  add(batch: RecordBatch): void {
    this.#queueOf(batch.topic).add(batch);
  }

  /** Records that wait, of one input or of all. */
  buffered(topic?: string): number {
    if (topic !== undefined) return this.#queueOf(topic).buffered;
    return this.#group.queues.reduce((sum, queue) => sum + queue.buffered, 0);
  }

  /**
   * Processes up to `maxRecords` records that wait and answers how many; fewer when an input has to
   * be waited for. A record that fails is undone and becomes a dead letter.
   *
   * @throws StreamsError a retryable one (`STREAMS_SCHEMA_UNKNOWN`): nothing of the record remains
   *   and it is the next again. Any other: the task cannot go on; roll it back.
   */
  process(maxRecords: number): number {
    const { clock } = this.#options;
    if (this.#owesPunctuation) this.#punctuateStreamTime();
    let processed = 0;
    for (; processed < maxRecords; processed++) {
      const queue = this.#group.next(clock);
      if (queue === undefined) break;
      this.#processHead(queue);
    }
    return processed;
  }

  /** Fires wall-clock punctuators that are due; stream-time ones fire as records are processed. */
  punctuate(): number {
    if (this.#punctuations.count === 0) return 0;
    return this.#firePunctuators('wall-clock', this.#options.clock());
  }

  /** How long until a wall-clock punctuator is due, in milliseconds; `Infinity` without any. */
  punctuationDueInMs(nowMs: number): number {
    return this.#punctuations.dueInMs(nowMs);
  }

  /** Whether there may be something to commit: cheap to ask of many tasks. */
  get hasChanged(): boolean {
    if (this.#outputs.count > 0 || this.#stores.hasWrites) return true;
    if (this.#streamTimeHasMoved) return true;
    return this.#group.queues.some(({ offsetToCommit }) => offsetToCommit !== undefined);
  }

  /** Whether a commit was prepared of which it is not known yet how it ends. */
  get isCommitting(): boolean {
    return this.#prepared !== undefined;
  }

  /**
   * Everything since the last commit, for the log. `committed` or `rollback` must follow before the
   * next one is prepared; records may be processed meanwhile.
   */
  prepareCommit(): TaskCommit {
    if (this.isCommitting) throw this.#outOfTurn('prepares a commit while one is in flight');
    const offsets: (TopicPartition & { offset: bigint })[] = [];
    let consumed = 0;
    for (const { topic, partition, offsetToCommit, consumed: taken } of this.#group.queues) {
      consumed += taken;
      if (offsetToCommit !== undefined) offsets.push({ topic, partition, offset: offsetToCommit });
    }
    const changelog = this.#options.changelogs ? this.#stores.changelog() : [];
    const writes = this.#stores.prepare();
    if (this.#stateful && this.#streamTimeHasMoved) {
      writes.push(streamTimeWrite(this.#streamTimeMs));
    }
    for (const queue of this.#group.queues) queue.prepare();
    this.#punctuations.prepare();
    this.#prepared = this.#progress;
    const outputs = this.#outputs.take();
    return { taskId: this.taskId, outputs, offsets, writes, changelog, consumed };
  }

  /** What `prepareCommit` answered is durable, and the storage has its writes. */
  committed(): void {
    if (this.#prepared === undefined) throw this.#outOfTurn('has no commit in flight');
    for (const queue of this.#group.queues) queue.committed();
    this.#stores.markCommitted();
    this.#punctuations.committed();
    this.#committed = this.#prepared;
    this.#prepared = undefined;
  }

  /**
   * Goes back to the last commit that succeeded, past one in flight, which must have failed. The
   * records since then wait to be processed again.
   */
  rollback(): void {
    for (const queue of this.#group.queues) queue.rollback();
    this.#stores.discard();
    this.#punctuations.rollback();
    this.#outputs.take();
    this.#prepared = undefined;
    this.#owesPunctuation = this.#committed.owesPunctuation;
    this.#deadLetters = this.#committed.deadLetters;
    this.#streamTimeMs = this.#committed.streamTimeMs;
  }

  get streamTimeMs(): number {
    return this.#streamTimeMs;
  }

  get metrics(): TaskMetrics {
    const lag = this.#group.queues.reduce((sum, queue) => sum + queue.lag, 0n);
    const streamTimeMs = this.#streamTimeMs;
    return { nodes: this.#nodes, deadLetters: this.#deadLetters, streamTimeMs, lag };
  }

  /** An open store of this task, with its uncommitted writes. */
  store(name: string): OpenStore {
    return this.#stores.store(name);
  }

  hasStore(name: string): boolean {
    return this.#stores.has(name);
  }

  get #progress(): Progress {
    return {
      deadLetters: this.#deadLetters,
      streamTimeMs: this.#streamTimeMs,
      owesPunctuation: this.#owesPunctuation,
    };
  }

  get #streamTimeHasMoved(): boolean {
    return this.#streamTimeMs !== (this.#prepared ?? this.#committed).streamTimeMs;
  }

  #outOfTurn(what: string): StreamsError {
    return new StreamsError('STREAMS_TASK_FAILED', `task ${this.taskId} ${what}`);
  }

  #processHead(queue: RecordQueue): void {
    const record = queue.head as ConsumedRecord;
    const streamTimeBefore = this.#streamTimeMs;
    this.#current = record;
    this.#currentQueue = queue;
    this.#streamTimeMs = Math.max(streamTimeBefore, record.timestampMs);
    try {
      (this.#sources.get(queue.topic) as Source)(record);
    } catch (error) {
      const node = this.#takeFailedNode(error) ?? queue.topic;
      this.#rollbackToSavepoint();
      if (!isFaultOfRecord(error)) {
        this.#streamTimeMs = streamTimeBefore;
        throw error;
      }
      this.#buryRecord(record, queue, node, error);
    } finally {
      this.#current = undefined;
      this.#currentQueue = undefined;
    }
    queue.take();
    this.#setSavepoint();
    if (this.#punctuations.count > 0) this.#punctuateStreamTime();
  }

  #buryRecord(record: ConsumedRecord, queue: RecordQueue, node: string, error: unknown): void {
    const { applicationId } = this.#options;
    this.#outputs.bury(record, queue, { error, node, applicationId });
    this.#deadLetters++;
  }

  #setSavepoint(): void {
    this.#stores.setSavepoint();
    this.#outputs.setSavepoint();
  }

  #rollbackToSavepoint(): void {
    this.#stores.rollbackToSavepoint();
    this.#outputs.rollbackToSavepoint();
  }

  #punctuateStreamTime(): void {
    this.#owesPunctuation = true;
    this.#firePunctuators('stream-time', this.#streamTimeMs);
    this.#owesPunctuation = false;
  }

  #firePunctuators(time: Punctuation['time'], nowMs: number): number {
    this.#punctuatedAtMs = nowMs;
    return this.#punctuations.fire(time, nowMs);
  }

  /** A punctuator leaves all of its work or none. */
  #undoable(punctuation: Punctuation): Punctuation {
    const punctuate = (nowMs: number) => {
      try {
        punctuation.punctuate(nowMs);
      } catch (error) {
        this.#rollbackToSavepoint();
        throw error;
      }
      this.#setSavepoint();
    };
    return { ...punctuation, punctuate };
  }

  #takeFailedNode(error: unknown): string | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure?.error === error ? failure?.node : undefined;
  }

  #surroundings(): TaskSurroundings {
    const { globalTables, clock, random } = this.#options;
    return {
      streamTimeMs: () => this.#streamTimeMs,
      wallClockMs: clock,
      random,
      recordMetadata: () => this.#recordMetadata(),
      store: (name) => this.#stores.store(name),
      globalTable: (name) => {
        const table = globalTables.get(name);
        if (table !== undefined) return table;
        throw new StreamsError('STREAMS_STORE_UNKNOWN', `no global table '${name}'`);
      },
      schedule: (node, punctuation) =>
        this.#punctuations.add(this.#undoable(failingTask(node, punctuation)), clock()),
      sink: (node) =>
        recordSink(node, { ...this.#options, write: (record) => this.#outputs.write(record) }),
      failedIn: (node, error) => {
        if (this.#failure?.error !== error) this.#failure = { error, node };
      },
    };
  }

  #recordMetadata(): RecordMetadata | undefined {
    if (this.#current === undefined || this.#currentQueue === undefined) return undefined;
    const { topic, partition } = this.#currentQueue;
    return { topic, partition, offset: this.#current.offset };
  }

  #queueOf(topic: string): RecordQueue {
    const queue = this.#group.queue(topic);
    if (queue !== undefined) return queue;
    const message = `task ${this.taskId} does not read '${topic}'`;
    throw new StreamsError('STREAMS_TOPIC_UNKNOWN', message);
  }
}

function subTopologyOf(topology: Topology, id: number): Topology['subTopologies'][number] {
  const found = topology.subTopologies.find((sub) => sub.id === id);
  if (found !== undefined) return found;
  throw new StreamsError('STREAMS_TASK_FAILED', `the topology has no sub-topology ${id}`);
}
