/** What the main thread and a stream thread ask of each other, and what a thread begins with. */
import type { MessagePort } from 'node:worker_threads';
import type { AvroJson } from '../avro/registry.ts';
import type { StreamsOptions } from '../config.ts';
import type { PackedError } from '../log/remote/packed-error.ts';
import type { PackedCommit } from '../log/remote/packed-records.ts';
import type { ApplicationState } from '../runtime/application-lifecycle.ts';
import type { ApplicationMetrics } from '../runtime/application-metrics.ts';
import type { RecordsLost } from '../runtime/owned-tasks.ts';
import type { TopologyModule } from './topology-module.ts';

export interface ThreadData {
  /** One for everything, so that a query comes after the commits that were answered before it. */
  readonly port: MessagePort;
  readonly config: StreamsOptions;
  readonly topology: Omit<TopologyModule, 'module'> & { readonly module: string };
  /** Where the state of its tasks is, for a log that keeps none. */
  readonly stateDirectory: string | undefined;
}

/** How old the numbers of a thread that works may be, in milliseconds. */
export const reportEveryMs = 250;

export interface ThreadReport {
  readonly state: ApplicationState;
  /** Why the state is `error`. */
  readonly cause: PackedError | undefined;
  readonly metrics: ApplicationMetrics;
}

/** Asked of the main thread. */
export type MainMethods = {
  register(what: { readonly subject: string; readonly schema: AvroJson }): Promise<number>;
  load(id: number): Promise<AvroJson>;
  /** At each change of state, when tasks have come or gone, and every `reportEveryMs`. */
  report(report: ThreadReport): void;
  recordsLost(lost: RecordsLost): void;
};

interface OfStore {
  readonly taskId: string;
  readonly store: string;
}

/** Asked of a stream thread. */
export type ThreadMethods = {
  start(nothing: undefined): Promise<void>;
  /** What was done is committed; then the thread can be ended. */
  close(nothing: undefined): Promise<void>;
  /** A committed value. @throws StreamsError `STREAMS_STORE_UNAVAILABLE` when the task has moved. */
  get(what: OfStore & { readonly key: Uint8Array }): Promise<Uint8Array | undefined>;
  /** The next committed entries, as the state of a commit; none at the end. */
  entries(
    what: OfStore & {
      readonly from: Uint8Array | undefined;
      readonly to: Uint8Array | undefined;
    },
  ): Promise<PackedCommit>;
};
