/**
 * What is run where nothing may be lost or counted twice: every input is counted under its key, in
 * another task than the one that read it.
 *
 *   inputs ──▶ select-key ──▶ by-key (repartition) ──▶ counts ──▶ counted
 */
import {
  type KStream,
  longSerde,
  StreamsBuilder,
  type Topology,
  stringSerde as text,
  topic,
} from '#streams';

const keyCount = 40;

export const countsStore = { name: 'counts', key: text, value: longSerde } as const;

/** The topics of one counting application, so that several can share a cluster. */
export interface Counting {
  readonly applicationId: string;
  /** Keyed by chance; the value is the number of the input, which no other has. */
  readonly inputs: ReturnType<typeof topic<string, string>>;
  /** By key, each count from 1 on: one for each input. */
  readonly counted: ReturnType<typeof topic<string, number>>;
  readonly repartitionTopic: string;
  readonly changelogTopic: string;
}

/** `prefix` goes before the names of its topics. */
export function countingOf(prefix: string, partitions: number): Counting {
  const applicationId = `${prefix}counting`;
  return {
    applicationId,
    inputs: topic(`${prefix}inputs`, { key: text, value: text, partitions }),
    counted: topic(`${prefix}counted`, { key: text, value: longSerde, partitions }),
    repartitionTopic: `${applicationId}-by-key-repartition`,
    changelogTopic: `${applicationId}-${countsStore.name}-changelog`,
  };
}

/** @param input the number of an input, in decimal digits */
export function keyOf(input: string): string {
  return `key-${Number(input) % keyCount}`;
}

export function countingTopology({ inputs, counted }: Counting): Topology {
  const builder = new StreamsBuilder();
  countByKey(
    builder.stream(inputs).selectKey((input) => keyOf(input)),
    counted,
  );
  return builder.build();
}

/** Sends the count of a key on with each of its inputs. */
export function countByKey(inputs: KStream<string, string>, counted: Counting['counted']): void {
  inputs
    .groupByKey('by-key', { key: text, value: text })
    .count(countsStore.name)
    .toStream()
    .mapValues((count) => count ?? 0)
    .to(counted);
}
