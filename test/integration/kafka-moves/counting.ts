/**
 * What is run while tasks move: every input is counted under its key, in one task for each partition.
 *
 *   inputs ──▶ counts ──▶ counted
 */
import {
  longSerde,
  StreamsBuilder,
  type StreamsOptions,
  type Topology,
  stringSerde as text,
  topic,
} from '#streams';
import { countByKey } from '../../counting/counting.ts';

export const sessionTimeoutMs = 6_000;

/** Topics of one test: a broker serves many. */
export interface CountingNames {
  readonly applicationId: string;
  readonly partitions: number;
}

export function topicsOf({ applicationId, partitions }: CountingNames) {
  return {
    inputs: topic(`${applicationId}-inputs`, { key: text, value: text, partitions }),
    /** By key, each count from 1 on: one for each input. */
    counted: topic(`${applicationId}-counted`, { key: text, value: longSerde, partitions }),
  };
}

export function countingTopology(names: CountingNames): Topology {
  const { inputs, counted } = topicsOf(names);
  const builder = new StreamsBuilder();
  countByKey(builder.stream(inputs), counted);
  return builder.build();
}

/** A copy is near enough with a few records less: all of these tests are about what lies before. */
export function countingOptions({ applicationId }: CountingNames): StreamsOptions {
  return { applicationId, cacheMaxBytes: 0, acceptableRecoveryLag: 50 };
}
