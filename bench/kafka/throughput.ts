/**
 * One throughput run: the clock starts at the first record that is handled, and stops when the group
 * has committed all of the input, and all of what was repartitioned.
 */
import type { BenchRun } from './bench-run.ts';
import type { DataSize } from './data/input-record.ts';
import type { EngineProcess } from './engine-process.ts';
import type { EngineName } from './engines.ts';
import type { ThroughputProgram } from './programs.ts';
import { checkResult } from './result-digest.ts';

export interface ThroughputFigures {
  readonly program: string;
  readonly engine: EngineName;
  readonly records: number;
  readonly tookMs: number;
  readonly cpuMs: number;
  readonly brokerCpuMs: number;
  readonly peakMemoryMb: number;
  /** Whether the output was right; absent: it was not compared. */
  readonly result: string | undefined;
}

export async function measureThroughput(
  run: BenchRun,
  program: ThroughputProgram,
  engine: EngineName,
  expected: { readonly size: DataSize } | undefined,
): Promise<ThroughputFigures> {
  const prepared = await run.prepare(engine, program.options);
  const child = prepared.start();
  try {
    const { application, output } = prepared;
    const { inputs, tables = [] } = program;
    const work = untilWorkedOff(run, child, application, { inputs, tables });
    const figures = await Promise.race([work, child.untilFailure()]);
    await child.terminate();
    const result = expected
      ? await checkResult(run.cluster, output, program.expected(expected.size))
      : undefined;
    return { program: program.name, engine, ...figures, result };
  } finally {
    await child.kill();
    await prepared.remove();
  }
}

async function untilWorkedOff(
  run: BenchRun,
  child: EngineProcess,
  application: string,
  read: { readonly inputs: readonly string[]; readonly tables: readonly string[] },
) {
  const { cluster, options } = run;
  const endOffsets = (topics: readonly string[]) =>
    cluster.endOffsets(topics.map((topic) => run.prefix + topic));
  const ends = await endOffsets(read.inputs);
  const all = [...ends, ...(await endOffsets(read.tables))];
  const first = await child.named('first-record');
  const before = { cpuMs: child.figures.cpuMs, brokerCpuMs: run.brokerCpuMs() };
  await cluster.untilCommitted(application, all, 0);
  const internal = await cluster.topicsFrom(application);
  const repartition = internal.filter((topic) => topic.endsWith('-repartition'));
  if (repartition.length > 0) {
    // Each thread's commit marker may stand last in a repartition topic; nobody reads it.
    const slack = options.threads;
    await cluster.untilCommitted(application, await cluster.endOffsets(repartition), slack);
  }
  const tookMs = Date.now() - first.atMs;
  const { cpuMs, peakMemoryMb } = child.figures;
  return {
    records: ends.reduce((sum, { offset }) => sum + offset, 0),
    tookMs,
    cpuMs: cpuMs - before.cpuMs,
    brokerCpuMs: run.brokerCpuMs() - before.brokerCpuMs,
    peakMemoryMb,
  };
}
