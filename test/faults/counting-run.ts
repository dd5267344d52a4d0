/**
 * An application that counts in this process, somebody who feeds it, and what both tell: faults are
 * done to what is between it and its records, and afterwards every input must have been counted once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApplicationState, memoryRegistry, StreamsApplication } from '#streams';
import { type KafkaLogOptions, openKafkaLog } from '#streams/kafka';
import { seededRandom } from '../../cli/demo/random.ts';
import type { Log } from '../../streams/log/log.ts';
import {
  type Counts,
  changelogFaults,
  differences,
  expectedCounts,
  outputFaults,
  repartitionFaults,
} from '../counting/audit.ts';
import { type Counting, countingOf, countingTopology, countsStore } from '../counting/counting.ts';
import { Feeder } from '../counting/feeder.ts';

export interface CountingRunOptions {
  /** Before the names of its topics: one for each run on a cluster. */
  readonly prefix: string;
  /** The way to the brokers that is not disturbed: inputs come and outputs are looked at by it. */
  readonly steadyServers: string;
  /** The application's. */
  readonly log: KafkaLogOptions;
}

const partitions = 2;
const lookMs = 250;
const never = 2 ** 31 - 1;

export class CountingRun {
  readonly counting: Counting;
  readonly feeder: Feeder;
  readonly application: StreamsApplication;
  /** By which inputs come and outputs are looked at. */
  readonly steady: Log;
  /** All that the application has been, in order. */
  readonly states: ApplicationState[] = [];
  /** What `onTrouble` was told, each once. */
  readonly troubles: ReadonlySet<string>;
  readonly #log: Log;

  constructor(
    logs: { readonly steady: Log; readonly log: Log },
    counting: Counting,
    troubles: ReadonlySet<string>,
  ) {
    this.counting = counting;
    this.troubles = troubles;
    this.steady = logs.steady;
    this.#log = logs.log;
    this.feeder = new Feeder(logs.steady, counting, seededRandom(1));
    this.application = new StreamsApplication({
      applicationId: counting.applicationId,
      topology: countingTopology(counting),
      log: logs.log,
      registry: memoryRegistry(),
      cacheMaxBytes: 0, // Every count is to be seen.
      purgeIntervalMs: never,
      onStateChange: (state) => this.states.push(state),
    });
  }

  /** Inputs that have come out for certain. */
  async countedTotal(): Promise<bigint> {
    const { offsets } = await this.steady.describeTopic(this.counting.counted.name);
    return offsets.reduce((sum, { end }) => sum + end, 0n);
  }

  /** Waits until more comes out than has so far. */
  async goesOn(withinMs: number): Promise<void> {
    const untilMs = Date.now() + withinMs;
    const before = await this.countedTotal();
    while ((await this.countedTotal()) <= before) {
      if (this.application.state === 'error') throw this.application.cause;
      if (Date.now() > untilMs) throw new Error(`nothing was counted in ${withinMs} ms`);
      await sleep(lookMs);
    }
  }

  /** Why the application has failed, as soon as it has. */
  async failure(withinMs: number): Promise<unknown> {
    const untilMs = Date.now() + withinMs;
    while (this.application.state !== 'error') {
      if (Date.now() > untilMs) throw new Error(`it is ${this.application.state} after all`);
      await sleep(lookMs);
    }
    return this.application.cause;
  }

  /**
   * Feeds no more, waits until all is counted, and says what is not as it must be: in the output, the
   * repartition topic, the changelog and the store. `isPurged`: of the output some was removed.
   */
  async inexact(withinMs: number, { isPurged = false } = {}): Promise<string[]> {
    await this.feeder.stop();
    const { steady, counting } = this;
    const { expected, faults } = await expectedCounts(steady, counting, this.feeder.acknowledged);
    const untilMs = Date.now() + withinMs;
    for (;;) {
      const found = [
        ...faults,
        ...(await outputFaults(steady, counting, expected, isPurged)),
        ...(await this.#storeFaults(expected)),
      ];
      if (this.application.state === 'error') found.push(`failed: ${this.application.cause}`);
      if (found.length === 0) break;
      if (this.application.state === 'error' || Date.now() > untilMs) return found;
      await sleep(lookMs);
    }
    return [
      ...(await repartitionFaults(steady, counting, expected)),
      ...(await changelogFaults(steady, counting, expected)),
      ...(expected.size === 0 ? ['there was nothing to count'] : []),
    ];
  }

  /** A store shows a commit when the brokers have answered it, which may be after its outputs are seen. */
  async #storeFaults(expected: Counts): Promise<string[]> {
    const store = new Map<string, number>();
    try {
      const rows = this.application.store(countsStore).all();
      for await (const { key, value } of rows) store.set(key, value);
    } catch (error) {
      return [`store: ${error}`];
    }
    return differences('store', store, expected);
  }

  async close(): Promise<void> {
    await this.feeder.stop();
    await this.application.close();
    await this.#log.close();
    await this.steady.close();
  }
}

/** Runs, and is fed, when the promise resolves. */
export async function startCounting(options: CountingRunOptions): Promise<CountingRun> {
  const { prefix, steadyServers } = options;
  const counting = countingOf(prefix, partitions);
  const steady = await openKafkaLog({ bootstrapServers: steadyServers, clientId: 'feeder' });
  await steady.createTopics([counting.inputs, counting.counted]);
  const troubles = new Set<string>();
  const log = await openKafkaLog({
    onTrouble: (trouble) => troubles.add(String(trouble)),
    ...options.log,
  });
  const run = new CountingRun({ steady, log }, counting, troubles);
  run.feeder.start();
  await run.application.start();
  await run.application.running();
  await run.goesOn(30_000);
  return run;
}
