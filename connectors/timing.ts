/** Time and chance at the edge of the log, so that tests own both. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Timing {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Resolves after `ms`, or at once when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Longer timers fire at once. */
const longestSleepMs = 2 ** 31 - 1;

export const systemTiming: Timing = {
  nowMs: Date.now,
  random: Math.random,
  sleep: async (ms, signal) => {
    try {
      await delay(Math.min(Math.max(ms, 0), longestSleepMs), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Doubles with each attempt (from 0), less up to a half by chance: so many do not come at once. */
export function backoffMs(
  { firstMs, maxMs }: Backoff,
  attempt: number,
  random: () => number,
): number {
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return fullMs * (1 - random() / 2);
}
