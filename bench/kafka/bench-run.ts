/** What every measurement of one run shares: the broker, the options, and names that nobody has. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processCpuMs } from '../measuring.ts';
import type { Cluster } from './cluster.ts';
import type { InputRecord } from './data/input-record.ts';
import { EngineProcess } from './engine-process.ts';
import { commandOf, type EngineName } from './engines.ts';
import type { BenchOptions } from './options.ts';

/** One program in one engine: its names, its directory, and how its process is started. */
export interface EngineRun {
  readonly application: string;
  readonly output: string;
  readonly stateDirectory: string;
  /** `settings` go before what it was prepared with. */
  readonly start: (settings?: Readonly<Record<string, string | number>>) => EngineProcess;
  /** Removes topics and state. */
  readonly remove: () => Promise<void>;
}

export class BenchRun {
  readonly cluster: Cluster;
  readonly options: BenchOptions;
  /** In front of the name of every topic of this run. */
  readonly prefix = `bench-${process.pid}-`;
  readonly #brokerProcess: number | undefined;
  #runs = 0;

  constructor(cluster: Cluster, options: BenchOptions, brokerProcess: number | undefined) {
    this.cluster = cluster;
    this.options = options;
    this.#brokerProcess = brokerProcess;
  }

  /** Processor time of the broker; 0 when its process is not known. */
  brokerCpuMs(): number {
    return this.#brokerProcess === undefined ? 0 : processCpuMs(this.#brokerProcess);
  }

  /** `settings`: what the process is told beside the names; `prefix` may be one of its own. */
  async prepare(
    engine: EngineName,
    settings: Readonly<Record<string, string | number>>,
  ): Promise<EngineRun> {
    const { cluster, options } = this;
    const application = `${this.prefix}${++this.#runs}-${engine}`;
    const output = `${application}-output`;
    const stateDirectory = mkdtempSync(join(options.directory, 'bench-kafka-'));
    await cluster.createTopic(output);
    const names = { application, output, state: stateDirectory, bootstrap: cluster.bootstrap };
    const told = { threads: options.threads, prefix: this.prefix, ...names, ...settings };
    return {
      application,
      output,
      stateDirectory,
      start: (more = {}) => new EngineProcess(commandOf(engine), { ...told, ...more }),
      remove: async () => {
        rmSync(stateDirectory, { recursive: true, force: true });
        // The list of topics may be behind: the output is there whatever it says.
        const topics = new Set([output, ...(await cluster.topicsFrom(application))]);
        await cluster.deleteTopics([...topics]);
      },
    };
  }

  /** Loads topics once, and tells how long that took. */
  async load(topics: readonly string[], records: Iterable<InputRecord>): Promise<void> {
    const startedMs = performance.now();
    for (const topic of topics) await this.cluster.createTopic(this.prefix + topic);
    const loaded = await this.cluster.load(this.prefix, records);
    const ends = await this.cluster.endOffsets(topics.map((topic) => this.prefix + topic));
    const held = ends.reduce((sum, { offset }) => sum + offset, 0);
    if (held !== loaded) throw new Error(`loaded ${loaded} records, the broker holds ${held}`);
    const tookS = ((performance.now() - startedMs) / 1_000).toFixed(1);
    console.error(`loaded ${loaded} records into ${topics.join(', ')} in ${tookS} s`);
  }

  /** Removes what was loaded. */
  async removeData(): Promise<void> {
    await this.cluster.deleteTopics(await this.cluster.topicsFrom(this.prefix));
  }
}
