/** Runs every topology of the shop as an application of its own, and says how each is doing. */

import type { Topology } from '#streams';
import {
  type ApplicationMetrics,
  type LocalStateStorage,
  type Log,
  type SchemaRegistry,
  StreamsApplication,
} from '#streams';
import type { Readiness } from '../../serving/operations/operations.ts';

export interface ApplicationsOptions {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  /** For a log that keeps no state. */
  readonly localState: LocalStateStorage | undefined;
  readonly topologies: ReadonlyMap<string, Topology>;
  /** An application has failed for good; nothing of its last work was committed. */
  readonly onFailure: (applicationId: string, cause: unknown) => void;
}

/** Nobody waits for these: their commits are shared, and leave the disk to the shopper. */
const unhurried: ReadonlySet<string> = new Set([
  'notifications',
  'behaviour',
  'archival',
  'reconciliation',
]);
const unhurriedCommits = { commitWhenDrained: false, commitIntervalMs: 500 };

export class Applications {
  readonly #running: readonly StreamsApplication[];

  constructor({ log, registry, localState, topologies, onFailure }: ApplicationsOptions) {
    this.#running = [...topologies].map(
      ([applicationId, topology]) =>
        new StreamsApplication({
          applicationId,
          topology,
          log,
          registry,
          ...(localState && { localState }),
          ...(unhurried.has(applicationId) && unhurriedCommits),
          onStateChange: (state, cause) => {
            if (state === 'error') onFailure(applicationId, cause);
          },
        }),
    );
  }

  async start(): Promise<void> {
    await Promise.all(this.#running.map((application) => application.start()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((application) => application.close()));
  }

  readiness(): readonly Readiness[] {
    return this.#running.map(({ config, state }) => ({
      name: `topology ${config.applicationId}`,
      ready: state === 'running',
      detail: state === 'running' ? '' : `it is ${state}`,
    }));
  }

  metrics(): ReadonlyMap<string, ApplicationMetrics> {
    return new Map(this.#running.map((it) => [it.config.applicationId, it.metrics()]));
  }
}
