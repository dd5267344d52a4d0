/**
 * A topology that runs in threads of its own, so that processing keeps neither HTTP nor anything else
 * of the process waiting, and takes as many cores as it has threads.
 *
 *   main thread                       stream threads
 *   log ◀── serveLog ◀── ports ──▶ openRemoteLog ──▶ StreamsApplication
 *
 * Every thread is a member of the application's group and gets a share of the tasks. The log stays
 * in the main thread: see docs/decisions/0013-threads.md.
 *
 * Equivalent: KafkaStreams with `num.stream.threads`.
 */
import { randomUUID } from 'node:crypto';
import type { SchemaRegistry } from '../avro/registry.ts';
import { type StreamsConfig, type StreamsOptions, streamsConfig } from '../config.ts';
import { StreamsError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import { ApplicationLifecycle, type ApplicationState } from '../runtime/application-lifecycle.ts';
import type { ApplicationMetrics } from '../runtime/application-metrics.ts';
import { Backoff } from '../runtime/backoff.ts';
import { type BoundSerdes, bindSerdes } from '../runtime/bound-serdes.ts';
import { rememberingMissing } from '../runtime/known-schemas.ts';
import type { RecordsLost } from '../runtime/owned-tasks.ts';
import { type QueriedTask, storeQuery, unavailable } from '../runtime/store-query.ts';
import type { Application } from '../runtime/streams-application.ts';
import { markThreadEnded } from '../state/lmdb/holders.ts';
import type { LocalStateReader } from '../state/lmdb/local-state-reader.ts';
import type { StateStorage } from '../state/storage.ts';
import type { KeyValueStoreDefinition, StoreQuery } from '../state/store.ts';
import { type Topology, taskIdOf } from '../topology/topology.ts';
import { ApplicationThread } from './application-thread.ts';
import { combinedMetrics, type TimedMetrics } from './combined-metrics.ts';
import { loadTopology, type TopologyModule } from './topology-module.ts';

/** What became of a stream thread. */
export interface ThreadFailure {
  /** Its number, from 0. */
  readonly thread: number;
  readonly error: unknown;
}

/** Every option of `StreamsConfig`, and what the topology runs on. */
export interface ThreadedStreamsApplicationOptions extends StreamsOptions {
  readonly topology: TopologyModule;
  /** More than there are tasks stand by. @see num.stream.threads */
  readonly threads: number;
  /** Stays in this thread, open. */
  readonly log: Log;
  readonly registry: SchemaRegistry;
  /**
   * Where committed state is read by queries.
   *
   * @defaultValue the log's own; of a log that has none, what lies in `stateDirectory`; without one
   *   the thread that has the task is asked, which answers between two slices of its work
   */
  readonly stateStorage?: StateStorage;
  /**
   * Where the threads keep the state of their tasks, for a log that keeps none. Without it state is
   * in memory, and restored from the changelogs at every start. @see state.dir
   */
  readonly stateDirectory?: string;
  /**
   * What to do when a thread has failed, or has ended by itself. Its last work is not committed and
   * its tasks go to the other threads in any case. `replace-thread` starts another after a pause
   * (`retryBackoffMs` to `retryBackoffMaxMs`); `fail-application` ends all of them.
   *
   * @defaultValue `'fail-application'`, always
   * @see StreamsUncaughtExceptionHandler
   */
  readonly onThreadFailure?: (failure: ThreadFailure) => 'replace-thread' | 'fail-application';
  /**
   * How long `close` lets a thread finish the record in hand and commit, in milliseconds; then it is
   * ended by force, and what it did since its last commit is done again by whoever takes over.
   *
   * @defaultValue 60_000
   */
  readonly closeTimeoutMs?: number;
  /** As `StreamsApplication`'s. The state is the worst of any thread. */
  readonly onStateChange?: (state: ApplicationState, cause?: unknown) => void;
  readonly onRecordsLost?: (lost: RecordsLost) => void;
}

/** What only a started application has. */
interface Started {
  readonly topology: Topology;
  readonly serdes: BoundSerdes;
}

/**
 * A `StreamsApplication` in threads of its own: the same methods with the same meaning. `metrics()`
 * are up to a quarter of a second old. Each thread has its own copy of the global tables.
 */
export class ThreadedStreamsApplication implements Application {
  readonly config: StreamsConfig;
  readonly #options: ThreadedStreamsApplicationOptions;
  readonly #lifecycle: ApplicationLifecycle;
  readonly #backoff: Backoff;
  readonly #threads: ApplicationThread[] = [];
  /** Of threads that were replaced: counters go on. */
  readonly #past: TimedMetrics[] = [];
  readonly #interrupt = new AbortController();
  readonly #processName = randomUUID();
  /** Reads what the threads have on disk. */
  #localState: LocalStateReader | undefined;
  #started: Started | undefined;
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** @throws StreamsError `STREAMS_CONFIG_INVALID`, also for a log whose state no thread can read. */
  constructor(options: ThreadedStreamsApplicationOptions) {
    this.config = streamsConfig(configOf(options), options.log);
    checkOptions(options);
    this.#options = options;
    this.#lifecycle = new ApplicationLifecycle(options.onStateChange);
    const { retryBackoffMs: firstMs, retryBackoffMaxMs: maxMs } = this.config;
    this.#backoff = new Backoff({ firstMs, maxMs });
  }

  get state(): ApplicationState {
    return this.#lifecycle.state;
  }

  get cause(): unknown {
    return this.#lifecycle.cause;
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  running(): Promise<void> {
    return this.#lifecycle.running();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  store<K, V>(
    definition: Pick<KeyValueStoreDefinition<K, V>, 'name' | 'key' | 'value'>,
  ): StoreQuery<K, V> {
    const { name } = definition;
    if (this.#started === undefined) throw unavailable(name, 'the application is not started');
    const { topology, serdes } = this.#started;
    return storeQuery<K, V>(name, {
      topology,
      applicationId: this.config.applicationId,
      serdes,
      tasks: () => this.#tasksWith(name, topology),
    });
  }

  metrics(): ApplicationMetrics {
    return combinedMetrics([...this.#past, ...this.#threads.map(({ metrics }) => metrics)]);
  }

  async #start(): Promise<void> {
    this.#lifecycle.begin();
    try {
      const topology = await loadTopology(this.#options.topology);
      const registry = rememberingMissing(this.#options.registry);
      const serdes = await bindSerdes(topology, this.config.applicationId, registry);
      this.#localState = await this.#openLocalState();
      this.#started = { topology, serdes };
      const numbers = Array.from({ length: this.#options.threads }, (_, number) => number);
      await Promise.all(numbers.map((number) => this.#startThread(number)));
    } catch (error) {
      this.#fail(error);
      throw this.cause; // Of all that failed, the first.
    }
  }

  async #openLocalState(): Promise<LocalStateReader | undefined> {
    const { log, stateDirectory } = this.#options;
    if (stateDirectory === undefined || log.commitsState) return undefined;
    const { LocalStateReader } = await import('../state/lmdb/local-state-reader.ts');
    return new LocalStateReader(stateDirectory, this.config.applicationId);
  }

  #startThread(number: number): Promise<void> {
    const { log, registry, topology, stateDirectory, onRecordsLost } = this.#options;
    // One size for the application, whatever the number of its threads.
    const cacheMaxBytes = Math.floor(this.config.cacheMaxBytes / this.#options.threads);
    const thread = new ApplicationThread({
      name: `${this.config.applicationId} ${number}`,
      log,
      registry,
      topology,
      stateDirectory,
      processName: this.#processName,
      config: { ...this.config, cacheMaxBytes },
      events: {
        stateChanged: () => this.#summarize(),
        reported: () => this.#localState?.keepOnly(this.#taskIds()),
        ended: (threadId) => {
          if (stateDirectory !== undefined) markThreadEnded(stateDirectory, threadId);
        },
        recordsLost: (lost) => onRecordsLost?.(lost),
        failed: (cause) => void this.#threadFailed(number, cause),
      },
    });
    this.#threads[number] = thread;
    return thread.start();
  }

  async #threadFailed(thread: number, error: unknown): Promise<void> {
    if (this.#closing !== undefined || this.#lifecycle.hasEnded) return;
    const decision = this.#options.onThreadFailure?.({ thread, error }) ?? 'fail-application';
    if (decision === 'fail-application') return this.#fail(error);
    this.#lifecycle.become('restoring');
    await pause(this.#backoff.failed(), this.#interrupt.signal);
    if (this.#interrupt.signal.aborted) return;
    this.#past.push((this.#threads[thread] as ApplicationThread).metrics);
    await this.#startThread(thread).catch(() => undefined); // It has failed, and that was told.
  }

  /** The worst of all threads, once all of them are there. */
  #summarize(): void {
    const { threads } = this.#options;
    const running = this.#threads.filter(({ state }) => state === 'running').length;
    if (running === threads) this.#backoff.succeeded();
    if (this.#closing === undefined) {
      this.#lifecycle.become(running === threads ? 'running' : 'restoring');
    }
  }

  #tasksWith(store: string, { subTopologies }: Topology): readonly QueriedTask[] {
    if (this.state !== 'running') throw unavailable(store, `the application is ${this.state}`);
    const { log, stateStorage } = this.#options;
    const storage = stateStorage ?? (log.commitsState ? log.stateStorage : undefined);
    if (storage === undefined) return this.#tasksOfThreads(store);
    return subTopologies.flatMap(({ id: subTopologyId, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => {
        const taskId = taskIdOf(subTopologyId, partition);
        const task = storage.openTask(this.config.applicationId, taskId);
        return { taskId, subTopologyId, partition, storage: task };
      }),
    );
  }

  #tasksOfThreads(store: string): readonly QueriedTask[] {
    if (this.#threads.some(({ isLosingTasks }) => isLosingTasks)) {
      throw unavailable(store, 'tasks are going to other members');
    }
    const tasks = this.#threads.flatMap((thread) => thread.tasks);
    const localState = this.#localState;
    if (localState === undefined) return tasks;
    return tasks.map((task) => ({
      ...task,
      storage: {
        get: (...which) => localState.task(task.taskId).get(...which),
        range: (...which) => localState.task(task.taskId).range(...which),
      },
    }));
  }

  #taskIds(): ReadonlySet<string> {
    return new Set(this.#threads.flatMap(({ tasks }) => tasks.map(({ taskId }) => taskId)));
  }

  async #close(): Promise<void> {
    this.#interrupt.abort();
    await this.#starting?.catch(() => undefined); // `start` has told of its failure.
    const { closeTimeoutMs = defaultCloseTimeoutMs } = this.#options;
    const inPeace = await Promise.all(this.#threads.map((thread) => thread.close(closeTimeoutMs)));
    this.#localState?.close();
    if (inPeace.every(Boolean)) this.#lifecycle.become('closed');
    else this.#lifecycle.become('error', notInPeace());
  }

  /** The tasks that go on without what failed would be wrong. */
  #fail(error: unknown): void {
    this.#lifecycle.become('error', error);
    this.#interrupt.abort();
    this.#localState?.close();
    for (const thread of this.#threads) void thread.end();
  }
}

const defaultCloseTimeoutMs = 60_000;

function configOf(options: ThreadedStreamsApplicationOptions): StreamsOptions {
  const { topology, threads, log, registry, stateStorage, stateDirectory, ...rest } = options;
  const { onThreadFailure, closeTimeoutMs, onStateChange, onRecordsLost, ...config } = rest;
  return config;
}

function checkOptions({ threads, closeTimeoutMs = 0, log }: ThreadedStreamsApplicationOptions) {
  const faults: string[] = [];
  if (!Number.isInteger(threads) || threads < 1) {
    faults.push(`threads is ${threads}: give a whole number from 1 up`);
  }
  if (!Number.isInteger(closeTimeoutMs) || closeTimeoutMs < 0) {
    faults.push(`closeTimeoutMs is ${closeTimeoutMs}: give a whole number from 0 up`);
  }
  if (log.commitsState && log.stateElsewhere === undefined) {
    faults.push(
      'the log keeps state where no other thread can read it: open it without `commitsState`, so ' +
        'that changelogs keep it, or run a StreamsApplication in its thread',
    );
  }
  if (faults.length > 0) throw new StreamsError('STREAMS_CONFIG_INVALID', faults.join('; '));
}

function notInPeace(): StreamsError {
  const message =
    'a stream thread did not close in time, or had failed: what it did since its last commit is ' +
    'done again by the next member of the group';
  return new StreamsError('STREAMS_THREAD_FAILED', message);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
