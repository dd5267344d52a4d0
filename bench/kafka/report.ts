/** The figures of a run as tables, for bench/results.md. */
import { rounded } from '../measuring.ts';
import { bigKeyBytes, bigValueBytes } from './data/big-values.ts';
import type { EngineName } from './engines.ts';
import type { LatencyFigures } from './latency.ts';
import type { CrashFigures, RestoreFigures } from './recovery.ts';
import type { ThroughputFigures } from './throughput.ts';

/** Repetitions of one program in one engine. */
export interface Repeated<T> {
  readonly program: string;
  readonly engine: EngineName;
  readonly runs: readonly T[];
}

const reference: EngineName = 'kafka-streams';

/** Puts the figures of the same program and engine together, in the order of their first run. */
export function repeated<T extends { readonly engine: EngineName }>(
  figures: readonly T[],
  programOf: (figure: T) => string,
): Repeated<T>[] {
  const groups = new Map<string, { program: string; engine: EngineName; runs: T[] }>();
  for (const figure of figures) {
    const [program, { engine }] = [programOf(figure), figure];
    const group = groups.get(`${program} ${engine}`) ?? { program, engine, runs: [] };
    group.runs.push(figure);
    groups.set(`${program} ${engine}`, group);
  }
  return [...groups.values()].sort((one, other) => order(groups, one) - order(groups, other));
}

/** Programs in the order in which they first ran, whatever the order of their engines was. */
function order(
  groups: ReadonlyMap<string, { readonly program: string; readonly engine: EngineName }>,
  { program }: { readonly program: string },
): number {
  return [...groups.values()].findIndex((group) => group.program === program);
}

export function throughputTable(all: readonly Repeated<ThroughputFigures>[]): string {
  const rows = all.map((group) => {
    const { program, engine, runs } = group;
    const peer = all.find((other) => other.program === program && other.engine === reference);
    return [
      program,
      engine,
      each(runs, recordsPerSecond),
      each(runs, cpuMicros),
      each(runs, (run) => (run.brokerCpuMs * 1_000) / run.records),
      each(runs, ({ peakMemoryMb }) => peakMemoryMb),
      peer === undefined || peer === group ? '' : against(group, peer),
      [...new Set(runs.flatMap(({ result }) => result ?? []))].join('; '),
    ];
  });
  return table(
    [
      'program',
      'engine',
      'records/s',
      'CPU us a record',
      'broker CPU us a record',
      'memory MB',
      'records/s, CPU against Kafka Streams',
      'result',
    ],
    rows,
  );
}

function against({ runs }: Repeated<ThroughputFigures>, peer: Repeated<ThroughputFigures>): string {
  const speed = median(runs, recordsPerSecond) / median(peer.runs, recordsPerSecond);
  const cpu = median(runs, cpuMicros) / median(peer.runs, cpuMicros);
  return `${speed.toFixed(2)}, ${cpu.toFixed(2)}`;
}

export function latencyTable(all: readonly Repeated<LatencyFigures>[]): string {
  const rows = all.map(({ program, engine, runs }) => [
    program,
    engine,
    each(runs, ({ p50Ms }) => p50Ms),
    each(runs, ({ p99Ms }) => p99Ms),
    each(runs, ({ maxMs }) => maxMs),
    runs.map(({ received, sent }) => `${received} of ${sent}`).join('; '),
    each(runs, ({ cpuMsPerRecord }) => cpuMsPerRecord * 1_000),
    each(runs, ({ peakMemoryMb }) => peakMemoryMb),
  ]);
  const results = 'results that came';
  return table(
    [
      'program',
      'engine',
      'p50 ms',
      'p99 ms',
      'longest ms',
      results,
      'CPU us a record',
      'memory MB',
    ],
    rows,
  );
}

export function restoreTable(all: readonly Repeated<RestoreFigures>[]): string {
  const rows = all.map(({ program, engine, runs }) => [
    program,
    engine,
    each(runs, ({ restoredRecords }) => restoredRecords),
    each(runs, ({ intactStartMs }) => intactStartMs / 1_000),
    each(runs, ({ wipedStartMs }) => wipedStartMs / 1_000),
    each(runs, restoredMbPerSecond),
    each(runs, ({ cpuMs }) => cpuMs / 1_000),
    each(runs, ({ peakMemoryMb }) => peakMemoryMb),
  ]);
  return table(
    [
      'program',
      'engine',
      'records restored',
      'start with state, s',
      'start without, s',
      'restored MB/s',
      'CPU s',
      'memory MB',
    ],
    rows,
  );
}

export function crashTable(
  all: readonly Repeated<CrashFigures & { readonly engine: EngineName }>[],
): string {
  const rows = all.map(({ engine, runs }) => [
    engine,
    each(runs, ({ toFirstOutputMs }) => toFirstOutputMs / 1_000),
    each(runs, ({ restoredRecords }) => restoredRecords),
  ]);
  return table(['engine', 'kill -9 to first output, s', 'records read again'], rows);
}

/** Of the data, not of what the store makes of it; over what restoring made the start longer. */
function restoredMbPerSecond(figures: RestoreFigures): number {
  const megabytes = (figures.restoredRecords * (bigKeyBytes + bigValueBytes)) / 1e6;
  return (megabytes / (figures.wipedStartMs - figures.intactStartMs)) * 1_000;
}

function recordsPerSecond({ records, tookMs }: ThroughputFigures): number {
  return (records / tookMs) * 1_000;
}

function cpuMicros({ cpuMs, records }: ThroughputFigures): number {
  return (cpuMs * 1_000) / records;
}

/** The figure of each run, in their order. */
function each<T>(runs: readonly T[], figure: (run: T) => number): string {
  return runs.map((run) => rounded(figure(run))).join('; ');
}

function median<T>(runs: readonly T[], figure: (run: T) => number): number {
  const sorted = runs.map(figure).sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
