/** Starts the worker of a stream thread, which may be TypeScript that this Node does not read. */
import { Worker } from 'node:worker_threads';
import type { ThreadData } from './thread-calls.ts';

/**
 * Records live until their commit, so many survive the young generation of Node's size: two semi-spaces of
 * 32 MB and as much again save a fifth of the processor time, and memory too (bench/results.md).
 */
const resourceLimits = { maxYoungGenerationSizeMb: 3 * 32 };

export function startWorker(workerData: ThreadData, name: string): Worker {
  return new Worker(entry(), {
    workerData,
    name,
    resourceLimits,
    transferList: [workerData.port],
  });
}

function entry(): URL {
  const isCompiled = !import.meta.url.endsWith('.ts');
  if (isCompiled) return new URL('thread-main.js', import.meta.url);
  const { typescript } = process.features as { typescript?: unknown };
  return new URL(typescript ? 'thread-main.ts' : 'thread-main-typescript.js', import.meta.url);
}
