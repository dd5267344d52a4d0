/**
 * What is run in the chaos: every input is counted under its key, in another task than the one that
 * read it.
 *
 *   inputs ──▶ select-key ──▶ by-key (repartition) ──▶ counts ──▶ counted
 */
import {
  longSerde,
  StreamsBuilder,
  type StreamsOptions,
  type Topology,
  stringSerde as text,
  topic,
} from '#streams';

export const applicationId = 'chaos-counting';
export const partitionCount = 6;
const keyCount = 40;

/** Short, so that the dead are missed soon. */
export const sessionTimeoutMs = 6_000;

/** Keyed by chance; the value is the number of the input, which no other has. */
export const inputs = topic('inputs', { key: text, value: text, partitions: partitionCount });
/** By key, each count from 1 on: one for each input. */
export const counted = topic('counted', {
  key: text,
  value: longSerde,
  partitions: partitionCount,
});

export const countsStore = { name: 'counts', key: text, value: longSerde } as const;
export const repartitionTopic = `${applicationId}-by-key-repartition`;
export const changelogTopic = `${applicationId}-${countsStore.name}-changelog`;

/** @param input the number of an input, in decimal digits */
export function keyOf(input: string): string {
  return `key-${Number(input) % keyCount}`;
}

export function countingTopology(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream(inputs)
    .selectKey((input) => keyOf(input))
    .groupByKey('by-key', { key: text, value: text })
    .count(countsStore.name)
    .toStream()
    .mapValues((count) => count ?? 0)
    .to(counted);
  return builder.build();
}

/** What differs between seeds, so that a few of them meet what the library can be told. */
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
    applicationId,
    ...(warmsUp ? { acceptableRecoveryLag: 0 } : { warmupTimeoutMs: 0 }),
    standbyReplicas,
    purgeIntervalMs: purges ? 1_000 : never,
    ...(caches ? {} : { cacheMaxBytes: 0 }),
  };
}
