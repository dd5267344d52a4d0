/** Taps over the log of this process, for the tap routes. */
import { type Log, type SchemaRegistry, StreamsError } from '#streams';
import { problem } from '../../serving/problem.ts';
import type { TapRequest, Taps } from '../../serving/taps/taps.ts';
import { tapRecords } from './tap-records.ts';

export function logTaps(log: Log, registry: SchemaRegistry): Taps {
  return {
    async topics() {
      const found = await log.describeTopics();
      return found.map(({ name, partitions, cleanupPolicy, offsets }) => ({
        name,
        partitions,
        cleanupPolicy,
        records: Number(offsets.reduce((sum, { beginning, end }) => sum + (end - beginning), 0n)),
      }));
    },
    async *read({ untilNow, ...request }: TapRequest) {
      try {
        yield* tapRecords(log, registry, { ...request, follow: !untilNow });
      } catch (error) {
        if (error instanceof StreamsError && error.code === 'STREAMS_TOPIC_UNKNOWN')
          throw problem('topic-unknown', error.message);
        throw error;
      }
    },
  };
}
