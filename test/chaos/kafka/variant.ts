/** What is counted in the chaos, and what differs between seeds. */
import type { StreamsOptions } from '#streams';
import { countingOf } from '../../counting/counting.ts';

export const counting = countingOf('chaos-', 6);

/** Short, so that the dead are missed soon. */
export const sessionTimeoutMs = 6_000;

/** So that a few seeds meet what the library can be told. */
export interface Variant {
  readonly standbyReplicas: 0 | 1;
  /** Whether records of the repartition topic are removed once they are counted. */
  readonly purges: boolean;
  /** Whether instances keep their names over restarts. */
  readonly isStatic: boolean;
  /** Whether only the last count of each commit comes out; else each does. */
  readonly caches: boolean;
  /** Whether tasks stay until their successors have a copy, however small their state is. */
  readonly warmsUp: boolean;
}

export function variantOf(seed: number): Variant {
  return {
    standbyReplicas: seed % 2 === 0 ? 1 : 0,
    purges: Math.floor(seed / 2) % 2 === 0,
    isStatic: Math.floor(seed / 4) % 2 === 1,
    caches: Math.floor(seed / 8) % 2 === 1,
    warmsUp: Math.floor(seed / 16) % 2 === 0,
  };
}

const never = 2 ** 31 - 1;

export function streamsOptions(variant: Variant): StreamsOptions {
  const { standbyReplicas, purges, caches, warmsUp } = variant;
  return {
    applicationId: counting.applicationId,
    ...(warmsUp ? { acceptableRecoveryLag: 0 } : { warmupTimeoutMs: 0 }),
    standbyReplicas,
    purgeIntervalMs: purges ? 1_000 : never,
    ...(caches ? {} : { cacheMaxBytes: 0 }),
  };
}
