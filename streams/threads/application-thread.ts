/**
 * One stream thread, seen from the main thread: a worker, the log that is served to it, and what it
 * has told of itself. Ends once: closed, failed, or given up.
 */
import { MessageChannel, type Worker } from 'node:worker_threads';
import type { SchemaRegistry } from '../avro/registry.ts';
import type { StreamsOptions } from '../config.ts';
import { StreamsError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import type { RemoteMethods } from '../log/remote/log-calls.ts';
import { unpackError } from '../log/remote/packed-error.ts';
import { unpackCommit } from '../log/remote/packed-records.ts';
import { PortCalls } from '../log/remote/port-calls.ts';
import { type ServedLog, serveLog } from '../log/remote/serve-log.ts';
import type { ApplicationState } from '../runtime/application-lifecycle.ts';
import type { RecordsLost } from '../runtime/owned-tasks.ts';
import type { QueriedTask } from '../runtime/store-query.ts';
import { justAfter } from '../state/byte-order.ts';
import type { TimedMetrics } from './combined-metrics.ts';
import type { MainMethods, ThreadMethods, ThreadReport } from './thread-calls.ts';
import type { TopologyModule } from './topology-module.ts';
import { startWorker } from './worker-start.ts';

export interface ApplicationThreadOptions {
  readonly name: string;
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly config: StreamsOptions;
  readonly topology: TopologyModule;
  readonly stateDirectory: string | undefined;
  /** What the threads of the application have in common in the group. */
  readonly processName: string;
  readonly events: {
    stateChanged(): void;
    /** Its tasks may be others than before. */
    reported(): void;
    recordsLost(lost: RecordsLost): void;
    /** Its worker is gone, before its tasks go to others. What it had open is nobody's now. */
    ended(threadId: number): void;
    /** It has ended, with nothing of its last work committed. Told once. */
    failed(cause: unknown): void;
  };
}

/** What is known of a thread that has told nothing yet. */
const silence: ThreadReport = {
  state: 'created',
  cause: undefined,
  metrics: {
    tasks: [],
    commits: { commits: 0, failed: 0, records: 0, meanMs: 0, maxMs: 0, lastMs: undefined },
    restoredRecords: 0,
    restoredBytes: 0,
    restoring: [],
    standbys: [],
    standbyFailures: 0,
  },
};

export class ApplicationThread {
  readonly #options: ApplicationThreadOptions;
  readonly #worker: Worker;
  /** The worker forgets it when it ends. */
  readonly #threadId: number;
  readonly #served: ServedLog;
  readonly #calls: PortCalls<ThreadMethods & RemoteMethods>;
  #report = silence;
  #reportedMs = performance.now();
  #uncaught: unknown;
  #tellWhy: (cause: unknown) => void = () => {};
  /** Why it has ended. */
  readonly #why = new Promise<unknown>((resolve) => {
    this.#tellWhy = resolve;
  });
  #ended: Promise<void> | undefined;

  constructor(options: ApplicationThreadOptions) {
    const { log, config, topology, stateDirectory, name, processName } = options;
    const { port1, port2 } = new MessageChannel();
    this.#options = options;
    this.#calls = new PortCalls(port1);
    this.#calls.answer(this.#methods());
    this.#served = serveLog(log, this.#calls, processName);
    const from = { ...topology, module: topology.module.href };
    this.#worker = startWorker({ port: port2, config, topology: from, stateDirectory }, name);
    this.#threadId = this.#worker.threadId;
    this.#worker.on('error', (error) => {
      this.#uncaught = error;
    });
    this.#worker.once('exit', (code) => this.#exited(code));
  }

  get state(): ApplicationState {
    return this.#report.state;
  }

  get metrics(): TimedMetrics {
    return { ...this.#report.metrics, ageMs: performance.now() - this.#reportedMs };
  }

  /** Resolves when it has joined the group. Rejects with what hindered it; then it has failed. */
  async start(): Promise<void> {
    try {
      await this.#calls.call('start', undefined);
    } catch (error) {
      if (!isClosed(error)) this.#fail(error);
      throw await this.#why;
    }
  }

  /**
   * Commits what is done and ends the thread: by force when that takes longer than `withinMs`, or
   * when it cannot be told. Answers whether it went in peace.
   */
  async close(withinMs: number): Promise<boolean> {
    if (this.#ended !== undefined) {
      await this.#ended;
      return true;
    }
    const closed = this.#calls.call('close', undefined).then(
      () => true,
      () => false,
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), withinMs);
    });
    const inPeace = await Promise.race([closed, late]);
    clearTimeout(timer);
    await this.end();
    return inPeace;
  }

  /** Ends the thread where it is. Its tasks go to the other members of the group. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  /** Whether tasks are being taken from it, or may have been while it was silent. */
  get isLosingTasks(): boolean {
    return this.#served.isLosing;
  }

  /** The tasks it last said that it has, read by asking it. */
  get tasks(): readonly QueriedTask[] {
    return this.#report.metrics.tasks.map(({ taskId }) => this.#queriedTask(taskId));
  }

  async #end(): Promise<void> {
    await this.#worker.terminate();
    this.#options.events.ended(this.#threadId);
    this.#calls.close();
    await this.#served.close();
    this.#tellWhy(new StreamsError('STREAMS_LOG_CLOSED', 'the stream thread was ended'));
  }

  #methods(): MainMethods {
    const { registry, events } = this.#options;
    return {
      register: ({ subject, schema }) => registry.register(subject, schema),
      load: async (id) => registry.schema(id) ?? registry.load(id),
      recordsLost: (lost) => events.recordsLost(lost),
      report: (report) => this.#take(report),
    };
  }

  #take(report: ThreadReport): void {
    const before = this.#report.state;
    this.#report = report;
    this.#reportedMs = performance.now();
    this.#options.events.reported();
    if (report.cause !== undefined) this.#fail(unpackError(report.cause));
    else if (report.state !== before) this.#options.events.stateChanged();
  }

  #exited(code: number): void {
    const cause = this.#uncaught;
    const how = cause === undefined ? `ended by itself, with code ${code}` : String(cause);
    const message = `stream thread '${this.#options.name}': ${how}`;
    this.#fail(new StreamsError('STREAMS_THREAD_FAILED', message, { cause }));
  }

  #fail(cause: unknown): void {
    if (this.#ended !== undefined) return;
    const metrics = { ...this.#report.metrics, tasks: [] };
    this.#report = { ...this.#report, state: 'error', metrics };
    this.#options.events.reported();
    this.#tellWhy(cause);
    void this.end().then(() => this.#options.events.failed(cause));
  }

  #queriedTask(taskId: string): QueriedTask {
    const [subTopologyId = 0, partition = 0] = taskId.split('_').map(Number);
    const calls = this.#calls;
    return {
      taskId,
      subTopologyId,
      partition,
      storage: {
        get: (store, key) => calls.call('get', { taskId, store, key: new Uint8Array(key) }),
        async *range(store, from, to) {
          let next = from;
          for (;;) {
            const packed = await calls.call('entries', { taskId, store, from: next, to });
            const entries = unpackCommit(packed).state[0]?.writes ?? [];
            for (const { key, value } of entries) yield [key, value as Uint8Array] as const;
            const last = entries.at(-1);
            if (last === undefined) return;
            next = justAfter(last.key);
          }
        },
      },
    };
  }
}

/** The port has closed, as it does when the thread ends. */
function isClosed(error: unknown): boolean {
  return error instanceof StreamsError && error.code === 'STREAMS_LOG_CLOSED';
}
