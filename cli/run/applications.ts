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
  /**
   * How long the last commits may take; they take milliseconds where anybody answers.
   *
   * @defaultValue 5_000
   */
  readonly lastCommitsWithinMs?: number;
}

/**
 * Nobody waits for these: their commits are shared, and leave the disk to the shopper. But who has just
 * done something looks for the message that says so.
 */
const unhurried: ReadonlyMap<string, { readonly commitIntervalMs: number }> = new Map([
  ['notifications', { commitIntervalMs: 100 }],
  ['behaviour', { commitIntervalMs: 500 }],
  ['archival', { commitIntervalMs: 500 }],
  ['reconciliation', { commitIntervalMs: 500 }],
]);

export class Applications {
  readonly #running: readonly StreamsApplication[];
  readonly #options: ApplicationsOptions;

  constructor(options: ApplicationsOptions) {
    this.#options = options;
    const { log, registry, localState, topologies, onFailure } = options;
    this.#running = [...topologies].map(
      ([applicationId, topology]) =>
        new StreamsApplication({
          applicationId,
          topology,
          log,
          registry,
          ...(localState && { localState }),
          commitWhenDrained: !unhurried.has(applicationId),
          ...unhurried.get(applicationId),
          onStateChange: (state, cause) => {
            if (state === 'error') onFailure(applicationId, cause);
          },
        }),
    );
  }

  async start(): Promise<void> {
    await Promise.all(this.#running.map((application) => application.start()));
  }

  /**
   * Commits what is done. A log that does not answer is closed, which ends the commits that wait for
   * it: what they covered is done again after the next start.
   */
  async close(): Promise<void> {
    const { log, lastCommitsWithinMs = 5_000 } = this.#options;
    const giveUp = setTimeout(() => void log.close(), lastCommitsWithinMs);
    await Promise.all(this.#running.map((application) => application.close()));
    clearTimeout(giveUp);
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
