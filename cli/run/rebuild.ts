/** Builds one view anew from the log, beside the live one, and puts it in its place. */
import { performance } from 'node:perf_hooks';
import type { Log, SchemaRegistry } from '#streams';
import { runSink } from '../../connectors/sink-runner.ts';
import type { FedCopy } from './rebuilds.ts';

export interface RebuildOptions {
  readonly name: string;
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly begin: () => Promise<FedCopy>;
  /** One line about how far it is, each second. */
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

const tellEveryMs = 1_000;

/**
 * Answers the number of records. What comes while the copy is made, the live view's sink brings: it goes
 * on from where the copy stands.
 *
 * @throws Error when `signal` is aborted first; the live view is as it was.
 */
export async function rebuildView(options: RebuildOptions): Promise<number> {
  const { name, log, registry, progress, signal } = options;
  const copy = await options.begin();
  try {
    const trouble = (error: Error) => progress(`${name}: ${error.message}`);
    const { feeds } = copy;
    const sink = await runSink({
      name: `${name}-rebuild`,
      log,
      registry,
      feeds,
      onTrouble: trouble,
    });
    const beganMs = performance.now();
    const timer = setInterval(() => {
      const { records, lag } = sink.metrics();
      const left = Object.values(lag).reduce((sum, some) => sum + some, 0);
      progress(`${name}: ${records} records, ${left} to go, ${secondsSince(beganMs)} s`);
    }, tellEveryMs);
    try {
      await Promise.race([sink.caughtUp(), aborted(signal)]);
    } finally {
      clearInterval(timer);
      await sink.close();
    }
    await copy.switchOver();
    return sink.metrics().records;
  } catch (error) {
    await copy.abandon();
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new Error('given up: the live view is as it was'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

const secondsSince = (beganMs: number) => Math.round((performance.now() - beganMs) / 1_000);
