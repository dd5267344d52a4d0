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
import type { ConsumedRecord, RecordBatch, TopicPartition } from '../log/log.ts';
import type { RecordMetadata } from '../record.ts';
import { deadLetterTopicName, type Topology, taskIdOf, topicName } from '../topology/topology.ts';
import { compileNodes, type NodeMetrics, type TaskSurroundings } from './compiled-nodes.ts';
import { isFaultOfRecord } from './dead-letter.ts';
import { HeldUpdates } from './held-updates.ts';
import type { Origin } from './origin.ts';
import { PartitionGroup } from './partition-group.ts';
import {
  failingTask,
  failureWithoutRecord,
  type Punctuation,
  Punctuations,
} from './punctuation.ts';
import type { RecordQueue } from './record-queue.ts';
import { recordSink } from './record-sink.ts';
import { type Source, sourceOf } from './record-source.ts';
import { storedStreamTime, streamTimeWrite } from './stored-stream-time.ts';
import type { StreamTaskOptions, TaskMetrics } from './stream-task-options.ts';
import type { TaskCommit } from './task-commit.ts';
import { TaskOutputs } from './task-outputs.ts';
import { type OpenStore, TaskStores } from './task-stores.ts';

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
  readonly #held: HeldUpdates<Origin | undefined>;
  readonly #punctuations = new Punctuations();
  readonly #nodes: readonly NodeMetrics[];
  readonly #stateful: boolean;
  #deadLetters = 0;
  #streamTimeMs: number;
  #owesPunctuation = false;
  #committed: Progress;
  /** As of the commit in flight. */
  #prepared: Progress | undefined;
  /** Of the work in hand; `undefined` inside a punctuator. */
  #origin: Origin | undefined;
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
      nowMs: () => this.#origin?.record.timestampMs ?? this.#punctuatedAtMs,
      origin: () => this.#origin,
      cacheBudget: options.cacheBudget,
    });
    this.#held = new HeldUpdates<Origin | undefined>({
      caches: this.#stores.caches,
      budget: options.cacheBudget,
      attempt: (origin, store, send) => this.#attempt(origin, store, send),
      setSavepoint: () => this.#setSavepoint(),
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
    const fired = this.#firePunctuators('wall-clock', this.#options.clock());
    this.#held.sendExcess();
    return fired;
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
   * Everything since the last commit, for the log; what caches hold back is sent on first.
   * `committed` or `rollback` must follow before the next one is prepared; records may be processed
   * meanwhile.
   *
   * @throws what `process` throws, because of an update that was held back: roll the task back.
   */
  prepareCommit(): TaskCommit {
    if (this.isCommitting) throw this.#outOfTurn('prepares a commit while one is in flight');
    this.#held.sendAll();
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
    const caches = this.#stores.caches.map(({ store, updates, sent }) => ({
      store,
      updates,
      sent,
    }));
    return { nodes: this.#nodes, deadLetters: this.#deadLetters, streamTimeMs, lag, caches };
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
    const source = this.#sources.get(queue.topic) as Source;
    const streamTimeBefore = this.#streamTimeMs;
    this.#streamTimeMs = Math.max(streamTimeBefore, record.timestampMs);
    try {
      this.#attempt({ record, input: queue }, queue.topic, () => source(record));
    } catch (error) {
      this.#streamTimeMs = streamTimeBefore;
      throw error;
    }
    queue.take();
    this.#setSavepoint();
    if (this.#punctuations.count > 0) this.#punctuateStreamTime();
    this.#held.sendExcess();
  }

  /** Does work for a record all or not at all: a record at fault becomes a dead letter. */
  #attempt(origin: Origin | undefined, place: string, work: () => void): void {
    this.#origin = origin;
    try {
      work();
    } catch (error) {
      const node = this.#takeFailedNode(error) ?? place;
      this.#rollbackToSavepoint();
      if (origin === undefined) throw failureWithoutRecord(node, error);
      if (!isFaultOfRecord(error)) throw error;
      const { applicationId } = this.#options;
      this.#outputs.bury(origin.record, origin.input, { error, node, applicationId });
      this.#deadLetters++;
    } finally {
      this.#origin = undefined;
    }
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
    if (this.#origin === undefined) return undefined;
    const { topic, partition } = this.#origin.input;
    return { topic, partition, offset: this.#origin.record.offset };
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
