/** How long after a record was due its result is committed, with so many records a second. */
import type { BenchRun } from './bench-run.ts';
import { EngineProcess } from './engine-process.ts';
import { commandOf, type EngineName, probeEngine } from './engines.ts';

/** `bare-latency` does it with the client alone, which is the floor. */
export type LatencyProgram = 'latency' | 'bare-latency';

export interface LatencyFigures {
  readonly program: LatencyProgram;
  readonly engine: EngineName;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly received: number;
  readonly sent: number;
  /** Processor time of the engine for each record while it was measured. */
  readonly cpuMsPerRecord: number;
  readonly peakMemoryMb: number;
}

export async function measureLatency(
  run: BenchRun,
  program: LatencyProgram,
  engine: EngineName,
): Promise<LatencyFigures> {
  const { rate, seconds, warmUpSeconds } = run.options;
  const prefix = `${run.prefix}${program}-${engine}-${Date.now()}-`;
  await run.cluster.createTopic(`${prefix}latency`);
  const prepared = await run.prepare(engine, { program, prefix });
  const child = prepared.start();
  const { bootstrap } = run.cluster;
  const settings = { program: 'probe-latency', prefix, output: prepared.output, bootstrap };
  let probe: EngineProcess | undefined;
  try {
    await Promise.race([child.named('running'), child.untilFailure()]);
    probe = new EngineProcess(commandOf(probeEngine), {
      ...settings,
      rate,
      seconds,
      warmUpSeconds,
    });
    await Promise.race([probe.named('measuring'), child.untilFailure()]);
    const cpuBeforeMs = child.figures.cpuMs;
    await Promise.race([probe.named('sent'), child.untilFailure()]);
    const { cpuMs, peakMemoryMb } = child.figures;
    const measured = await probe.named('latency');
    await child.terminate();
    const figure = (name: string) => Number(measured[name]);
    return {
      program,
      engine,
      p50Ms: figure('p50Ms'),
      p99Ms: figure('p99Ms'),
      maxMs: figure('maxMs'),
      received: figure('received'),
      sent: figure('sent'),
      cpuMsPerRecord: (cpuMs - cpuBeforeMs) / figure('sent'),
      peakMemoryMb,
    };
  } finally {
    await probe?.kill();
    await child.kill();
    await prepared.remove();
  }
}
