/**
 * Kafka Streams, goka, Quix Streams and ours, side by side: the same broker, machine and data, one
 * process after the other, interleaved and repeated. README.md says what is measured and how.
 *
 *   npm run bench:kafka -- [programs] [options]
 */
import { loadavg } from 'node:os';
import { machine } from '../measuring.ts';
import { BenchRun } from './bench-run.ts';
import { openBroker } from './broker.ts';
import { Cluster } from './cluster.ts';
import { loadedEvents } from './data/bench-events.ts';
import { bigValues } from './data/big-values.ts';
import { baseFor, type DataSize } from './data/input-record.ts';
import { loadedNexmark } from './data/nexmark-generator.ts';
import { type EngineName, isBuilt, probeEngine } from './engines.ts';
import { type LatencyFigures, type LatencyProgram, measureLatency } from './latency.ts';
import { type BenchOptions, benchOptions } from './options.ts';
import { throughputPrograms } from './programs.ts';
import { BigStore, type CrashFigures, type RestoreFigures } from './recovery.ts';
import { crashTable, latencyTable, repeated, restoreTable, throughputTable } from './report.ts';
import { measureThroughput, type ThroughputFigures } from './throughput.ts';

const options = benchOptions(process.argv.slice(2));
for (const engine of [...options.engines, probeEngine]) {
  if (!isBuilt(engine)) throw new Error(`${engine} is not built: bench/kafka/README.md says how`);
}
const broker = await openBroker(options);
const cluster = await Cluster.connect(broker.bootstrap);
const run = new BenchRun(cluster, options, broker.processId);
try {
  await measureAll(run, options);
} finally {
  await run.removeData();
  await cluster.close();
  await broker.stop();
}

async function measureAll(run: BenchRun, options: BenchOptions): Promise<void> {
  print(`${machine()}, load ${loadavg().map((load) => load.toFixed(1))}`);
  await throughputs(run, options);
  await latencies(run, options);
  const [restore, crash] = ['restore', 'crash'].map((name) => options.programs.includes(name));
  if (restore || crash) await recoveries(run, options, { restore, crash });
}

async function throughputs(run: BenchRun, options: BenchOptions): Promise<void> {
  const programs = throughputPrograms.filter(({ name }) => options.programs.includes(name));
  const { records, keys } = options;
  const baseMs = baseFor(records, Date.now());
  const size: DataSize = { records, keys, eventsPerSecond: 10_000, baseMs };
  const needs = (data: string) => programs.some((program) => program.data === data);
  if (needs('events')) await run.load(['events', 'customers'], loadedEvents(size));
  if (needs('nexmark')) await run.load(['persons', 'auctions', 'bids'], loadedNexmark(size));

  const figures: ThroughputFigures[] = [];
  for (const round of rounds(options)) {
    const isChecked = options.check === 'all' || (options.check === 'first' && round === 1);
    for (const program of programs) {
      for (const engine of turns(options, round)) {
        if (!program.engines.includes(engine)) continue;
        const expected = isChecked ? { size } : undefined;
        await take(figures, () => measureThroughput(run, program, engine, expected));
      }
    }
  }
  if (figures.length > 0) print(throughputTable(repeated(figures, ({ program }) => program)));
}

async function latencies(run: BenchRun, options: BenchOptions): Promise<void> {
  const enginesOf: Readonly<Record<LatencyProgram, (engine: EngineName) => boolean>> = {
    latency: hasState,
    'bare-latency': (engine) => engine === 'millrace',
  };
  const programs = (Object.keys(enginesOf) as LatencyProgram[]).filter((program) =>
    options.programs.includes(program),
  );
  const figures: LatencyFigures[] = [];
  for (const round of rounds(options)) {
    for (const program of programs) {
      for (const engine of turns(options, round).filter(enginesOf[program])) {
        await take(figures, () => measureLatency(run, program, engine));
      }
    }
  }
  if (figures.length > 0) print(latencyTable(repeated(figures, ({ program }) => program)));
}

async function recoveries(
  run: BenchRun,
  options: BenchOptions,
  wanted: { readonly restore: boolean | undefined; readonly crash: boolean | undefined },
): Promise<void> {
  await run.load(['big'], bigValues(options.bigRecords, Date.now()));
  const stores: BigStore[] = [];
  for (const engine of options.engines.filter(hasState)) {
    stores.push(await BigStore.build(run, engine));
  }
  const restores: RestoreFigures[] = [];
  const crashes: (CrashFigures & { engine: EngineName })[] = [];
  for (const _ of wanted.restore ? rounds(options) : []) {
    for (const store of stores) {
      const { engine } = store;
      await take(restores, () => store.measureRestore());
      if (engine === 'millrace') await take(restores, () => store.measureBareReading());
    }
  }
  for (const _ of wanted.crash ? rounds(options) : []) {
    for (const store of stores) {
      const { engine } = store;
      await take(crashes, async () => ({ engine, ...(await store.measureCrash()) }));
    }
  }
  for (const store of stores) await store.remove();
  if (restores.length > 0) print(restoreTable(repeated(restores, ({ program }) => program)));
  if (crashes.length > 0) print(crashTable(repeated(crashes, () => 'crash')));
}

/** goka and Quix Streams are asked for the count alone. */
function hasState(engine: EngineName): boolean {
  return engine === 'kafka-streams' || engine === 'millrace';
}

function rounds({ repeat }: BenchOptions): number[] {
  return Array.from({ length: repeat }, (_, index) => index + 1);
}

/** Who goes first changes, so that nobody always has the quieter or the warmer machine. */
function turns({ engines }: BenchOptions, round: number): readonly EngineName[] {
  return round % 2 === 1 ? engines : [...engines].reverse();
}

/** One that fails is told of and left out; the others of a long run are not lost. */
async function take<T>(figures: T[], measure: () => Promise<T>): Promise<void> {
  try {
    const figure = await measure();
    figures.push(figure);
    console.error(JSON.stringify(figure));
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
}

function print(text: string): void {
  console.log(`${text}\n`);
}
