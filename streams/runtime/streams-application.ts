/**
 * A topology that runs on a log: makes its topics, loads its global tables, and drives its tasks.
 *
 *   created ──start──▶ restoring ──▶ running ──close──▶ closed
 *                          ▲  rebalance │
 *                          └────────────┘  any failure ──▶ error
 *
 * Equivalent: KafkaStreams, with one stream thread.
 */
import type { SchemaRegistry } from '../avro/registry.ts';
import { type StreamsConfig, type StreamsOptions, streamsConfig } from '../config.ts';
import { StreamsError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import type { LocalStateStorage } from '../state/local-state.ts';
import { MemoryLocalState } from '../state/memory-local-state.ts';
import type { StateStorage } from '../state/storage.ts';
import type { KeyValueStoreDefinition, StoreQuery } from '../state/store.ts';
import type { Topology } from '../topology/topology.ts';
import { ApplicationLifecycle, type ApplicationState } from './application-lifecycle.ts';
import { type ApplicationMetrics, stateReport, taskReport } from './application-metrics.ts';
import { type BoundSerdes, bindSerdes } from './bound-serdes.ts';
import { CommitMeter } from './commit-meter.ts';
import { GlobalTables } from './global-tables.ts';
import { topicsOf } from './internal-topics.ts';
import { rememberingMissing } from './known-schemas.ts';
import { noStateMetrics } from './local-states.ts';
import type { OwnedTask, RecordsLost, TaskMaterial } from './owned-tasks.ts';
import { type QueriedTask, storeQuery, unavailable } from './store-query.ts';
import { StreamThread } from './stream-thread.ts';
import type { RestoreProgress } from './task-restorer.ts';

export type { ApplicationState } from './application-lifecycle.ts';
export type { RecordsLost } from './owned-tasks.ts';
export type { RestoreProgress } from './task-restorer.ts';

/** A topology and what it runs on, with every option of `StreamsConfig`. */
export interface StreamsApplicationOptions extends StreamsOptions {
  readonly topology: Topology;
  readonly log: Log;
  readonly registry: SchemaRegistry;
  /**
   * Where committed state is read, for a log that commits state.
   *
   * @defaultValue the log's own
   */
  readonly stateStorage?: StateStorage;
  /**
   * Where state is kept here, for a log that keeps none: `openLocalState` of `#streams/local-state`
   * keeps it on disk. It is the caller's to close, after the application. Each application of a
   * process may use the same one, but not two with one `applicationId`.
   *
   * @defaultValue in memory: each start restores all of it from the changelogs. @see state.dir
   */
  readonly localState?: LocalStateStorage;
  /** Milliseconds since the Unix epoch. @defaultValue Date.now */
  readonly clock?: () => number;
  /** A number in [0, 1). @defaultValue Math.random */
  readonly random?: () => number;
  /** Told of each change; `cause` says why the state is `error`. */
  readonly onStateChange?: (state: ApplicationState, cause?: unknown) => void;
  /**
   * Told when retention has removed records before they were processed; reading goes on behind
   * them.
   */
  readonly onRecordsLost?: (lost: RecordsLost) => void;
  /** Told of each step of restoring the state of a task from its changelogs. */
  readonly onRestoreProgress?: (progress: RestoreProgress) => void;
}

/** What only a running application has. */
interface Running {
  readonly serdes: BoundSerdes;
  readonly globalTables: GlobalTables;
  readonly thread: StreamThread;
}

/** What a `StreamsApplication` and a `ThreadedStreamsApplication` have in common. */
export type Application = Pick<
  StreamsApplication,
  'config' | 'state' | 'cause' | 'start' | 'running' | 'close' | 'store' | 'metrics'
>;

/**
 * One process's share of an application. Several with one `applicationId` on one log share the
 * tasks.
 */
export class StreamsApplication {
  readonly config: StreamsConfig;
  readonly #options: StreamsApplicationOptions;
  readonly #clock: () => number;
  readonly #lifecycle: ApplicationLifecycle;
  #running: Running | undefined;
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** @throws StreamsError `STREAMS_CONFIG_INVALID` with every fault. */
  constructor(options: StreamsApplicationOptions) {
    this.config = streamsConfig(configOf(options), options.log);
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#lifecycle = new ApplicationLifecycle(options.onStateChange);
  }

  /** As of now; `onStateChange` tells of changes. */
  get state(): ApplicationState {
    return this.#lifecycle.state;
  }

  /** Why the state is `error`; `undefined` in every other. */
  get cause(): unknown {
    return this.#lifecycle.cause;
  }

  /**
   * Resolves when topics are there, global tables are read and the group is joined; tasks start as
   * the group assigns them. Fails as a whole: then the state is `error`.
   */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /**
   * Resolves at once when the state is `running`, else when it becomes so. A member of a group that
   * has no partition for it runs too: it stands by.
   *
   * Rejects with the cause when the application has failed or fails first, and with a StreamsError
   * `STREAMS_CONFIG_INVALID` when it was closed.
   */
  running(): Promise<void> {
    return this.#lifecycle.running();
  }

  /** Commits what is done and leaves the group. May be called in any state, more than once. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * Reads a store, or the table of that name, as of the last commit.
   *
   * @throws StreamsError `STREAMS_STORE_UNKNOWN`; `STREAMS_STORE_UNAVAILABLE` before `start`.
   */
  store<K, V>(
    definition: Pick<KeyValueStoreDefinition<K, V>, 'name' | 'key' | 'value'>,
  ): StoreQuery<K, V> {
    const { name } = definition;
    const running = this.#running;
    if (running === undefined) throw unavailable(name, 'the application is not started');
    return storeQuery<K, V>(name, {
      topology: this.#options.topology,
      applicationId: this.config.applicationId,
      serdes: running.serdes,
      tasks: () => this.tasksWith(name),
    });
  }

  /**
   * The tasks of this application, to read the committed bytes of their stores from elsewhere.
   *
   * @throws StreamsError `STREAMS_STORE_UNAVAILABLE` while they come and go; it names `store`.
   */
  tasksWith(store: string): readonly QueriedTask[] {
    const thread = this.#running?.thread;
    if (this.state === 'running' && thread !== undefined) return thread.tasks.all.map(queried);
    throw unavailable(store, `the application is ${this.state}`);
  }

  /**
   * As of now, in any state; without tasks before `start` and after `close`. Cheap enough to ask
   * every second.
   */
  metrics(): ApplicationMetrics {
    const thread = this.#running?.thread;
    const nowMs = this.#clock();
    return {
      tasks: thread?.tasks.all.map((owned) => taskReport(owned, nowMs)) ?? [],
      commits: (thread?.commits ?? new CommitMeter()).metrics,
      ...stateReport(thread?.tasks.stateMetrics ?? noStateMetrics),
    };
  }

  async #start(): Promise<void> {
    this.#lifecycle.begin();
    try {
      await this.#open();
    } catch (error) {
      // One that is closed meanwhile has not failed.
      if (this.#closing === undefined) this.#fail(error);
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { topology, log, random = Math.random } = this.#options;
    const { applicationId } = this.config;
    const registry = rememberingMissing(this.#options.registry);
    const state = this.#stateOf(log);
    const topics = topicsOf(topology, this.config, { changelogs: 'local' in state });
    await log.createTopics(topics);
    const serdes = await bindSerdes(topology, applicationId, registry);
    const globalTables = new GlobalTables(topology, applicationId, log, serdes);
    const thread = new StreamThread({
      topology,
      config: this.config,
      log,
      registry,
      state,
      serdes,
      globalTables: globalTables.stores,
      clock: this.#clock,
      random,
      recordsLost: (lost) => this.#options.onRecordsLost?.(lost),
      restoreProgressed: (progress) => this.#options.onRestoreProgress?.(progress),
      partitionCounts: new Map(topics.map(({ name, partitions }) => [name, partitions])),
      events: {
        rebalancing: (isRebalancing) =>
          this.#lifecycle.become(isRebalancing ? 'restoring' : 'running'),
        failed: (error) => this.#fail(error),
      },
    });
    this.#running = { serdes, globalTables, thread };
    await globalTables.start((error) => this.#fail(error));
    await thread.start();
  }

  #stateOf(log: Log): TaskMaterial['state'] {
    const { stateStorage, localState } = this.#options;
    if (!log.commitsState) return { local: localState ?? new MemoryLocalState() };
    const ofLog = stateStorage ?? log.stateStorage;
    if (ofLog !== undefined) return { ofLog };
    throw new StreamsError(
      'STREAMS_CONFIG_INVALID',
      'the log commits state but offers no stateStorage to read it: give one',
    );
  }

  async #close(): Promise<void> {
    this.#running?.thread.interrupt();
    await this.#starting?.catch(() => undefined); // `start` has told of its failure.
    await this.#running?.thread.close();
    await this.#running?.globalTables.close();
    this.#lifecycle.become('closed');
  }

  #fail(error: unknown): void {
    this.#lifecycle.become('error', error);
    // The tasks that go on without what failed would be wrong; `close` tells how the end went.
    this.#running?.thread.stop();
  }
}

function configOf(options: StreamsApplicationOptions): StreamsOptions {
  const { topology, log, registry, stateStorage, localState, clock, random, ...rest } = options;
  const { onStateChange, onRecordsLost, onRestoreProgress, ...config } = rest;
  return config;
}

function queried({ task, subTopologyId, partition, storage }: OwnedTask): QueriedTask {
  return { taskId: task.taskId, subTopologyId, partition, storage };
}
