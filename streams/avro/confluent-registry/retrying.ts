/**
 * Does again what failed and may pass, for a limited time. Waits grow and are spread by chance, so
 * that a fleet that starts together does not come back together.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamsError } from '../../errors.ts';

const firstWaitMs = 100;
const maxWaitMs = 3_000;

export interface Patience {
  readonly forMs: number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal | undefined;
}

export async function retrying<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  const { forMs, random, signal } = patience;
  const startedMs = performance.now();
  for (
    let tries = 1, limitMs = firstWaitMs;
    ;
    tries++, limitMs = Math.min(2 * limitMs, maxWaitMs)
  ) {
    try {
      return await work();
    } catch (error) {
      const waitMs = (limitMs * (1 + random())) / 2;
      const tookMs = performance.now() - startedMs;
      if (!(error instanceof StreamsError) || !error.retryable) throw error;
      if (signal?.aborted || tookMs + waitMs > forMs) throw givenUp(error, tries, tookMs);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined); // The signal ends the wait.
    }
  }
}

function givenUp(error: StreamsError, tries: number, tookMs: number): StreamsError {
  const { code, message, cause, retryable } = error;
  const effort = `tried ${tries} times in ${Math.round(tookMs)} ms`;
  return new StreamsError(code, `${message} (${effort})`, { cause, retryable });
}
