/**
 * A store of a gigabyte: how fast it is restored when the local copy is gone, and how long after a
 * kill -9 the results come again. All from outside, alike for every engine: restoring takes what a
 * start without local state takes longer than one with it.
 */
import { rmSync } from 'node:fs';
import type { BenchRun, EngineRun } from './bench-run.ts';
import { EngineProcess } from './engine-process.ts';
import { commandOf, type EngineName, probeEngine } from './engines.ts';

export interface RestoreFigures {
  /** `bare-restore`: only read, with the client alone. */
  readonly program: 'restore' | 'bare-restore';
  readonly engine: EngineName;
  readonly restoredRecords: number;
  /** From the start of the process to `running`, with the local state as a clean end left it. */
  readonly intactStartMs: number;
  /** The same when the local state is gone. */
  readonly wipedStartMs: number;
  readonly cpuMs: number;
  readonly peakMemoryMb: number;
}

export interface CrashFigures {
  /** From kill -9 to the first output of a record that was sent after it. */
  readonly toFirstOutputMs: number;
  /** What was read again of the changelog, by the engine that came up. */
  readonly restoredRecords: number;
}

type StartFigures = Pick<RestoreFigures, 'restoredRecords' | 'cpuMs' | 'peakMemoryMb'> & {
  readonly tookMs: number;
};

/** An engine with its big store, kept from one measurement to the next. */
export class BigStore {
  readonly engine: EngineName;
  readonly #run: BenchRun;
  readonly #prepared: EngineRun;

  private constructor(engine: EngineName, run: BenchRun, prepared: EngineRun) {
    this.engine = engine;
    this.#run = run;
    this.#prepared = prepared;
  }

  /** Takes all of the input into the store, and ends cleanly. */
  static async build(run: BenchRun, engine: EngineName): Promise<BigStore> {
    const { sessionMs } = run.options;
    const prepared = await run.prepare(engine, { program: 'big', sessionMs });
    const ends = await run.cluster.endOffsets([`${run.prefix}big`]);
    const child = prepared.start();
    try {
      const built = run.cluster.untilCommitted(prepared.application, ends, 0);
      await Promise.race([built, child.untilFailure()]);
      await child.terminate();
    } finally {
      await child.kill();
    }
    return new BigStore(engine, run, prepared);
  }

  async measureRestore(): Promise<RestoreFigures> {
    const intact = await this.#startAndEnd();
    const { stateDirectory } = this.#prepared;
    rmSync(stateDirectory, { recursive: true, force: true });
    const wiped = await this.#startAndEnd();
    return this.#restoreFigures('restore', intact, wiped);
  }

  /** How long the client alone takes to read what is restored. */
  async measureBareReading(): Promise<RestoreFigures> {
    const idle = await this.#startAndEnd('bare-latency');
    return this.#restoreFigures('bare-restore', idle, await this.#startAndEnd('bare-restore'));
  }

  #restoreFigures(
    program: RestoreFigures['program'],
    intact: StartFigures,
    wiped: StartFigures,
  ): RestoreFigures {
    const { tookMs: wipedStartMs, ...figures } = wiped;
    const least = this.#run.options.bigRecords;
    if (figures.restoredRecords < least) {
      throw new Error(`${this.engine} restored ${figures.restoredRecords} records, not ${least}`);
    }
    return { program, engine: this.engine, ...figures, intactStartMs: intact.tookMs, wipedStartMs };
  }

  /** From its start until it says that it runs, then it is told to end. */
  async #startAndEnd(program?: string): Promise<StartFigures> {
    const child = this.#prepared.start(program === undefined ? {} : { program });
    try {
      const running = await Promise.race([child.named('running'), child.untilFailure()]);
      const { cpuMs, peakMemoryMb } = child.figures;
      await child.terminate();
      const tookMs = running.atMs - child.startedMs;
      return { tookMs, restoredRecords: Number(running['restoredRecords']), cpuMs, peakMemoryMb };
    } finally {
      await child.kill();
    }
  }

  /**
   * Killed while records come, 100 a second; the next process starts at once. The store is made from
   * its changelog first, so that no process has ever closed it cleanly.
   */
  async measureCrash(): Promise<CrashFigures> {
    const { cluster, prefix, options } = this.#run;
    const { output, start } = this.#prepared;
    const keys = options.bigRecords;
    const told = { program: 'probe-ticks', bootstrap: cluster.bootstrap, prefix, output, keys };
    rmSync(this.#prepared.stateDirectory, { recursive: true, force: true });
    const probe = new EngineProcess(commandOf(probeEngine), told);
    let child = start();
    try {
      await Promise.race([probe.named('output'), child.untilFailure()]);
      await settled();
      await child.kill();
      const killedMs = Date.now();
      child = start();
      const after = probe.event((event) => Number(event['sentMs']) > killedMs);
      const first = await Promise.race([after, child.untilFailure()]);
      const { restoredRecords } = await child.named('running');
      await child.terminate();
      return {
        toFirstOutputMs: first.atMs - killedMs,
        restoredRecords: Number(restoredRecords),
      };
    } finally {
      await probe.kill();
      await child.kill();
    }
  }

  async remove(): Promise<void> {
    await this.#prepared.remove();
  }
}

/** Long enough for a store that is written in the background to have much that is not. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 3_000));
}
