/** Reads a partition from its beginning to where it ends now. */
import { StreamsError } from '../errors.ts';
import type { ConsumedRecord, Log, TopicPartition } from '../log/log.ts';

/** How long to wait for the next records before looking again; not how long reading may take. */
const pollWaitMs = 1_000;

export async function readToEnd(
  log: Log,
  partition: TopicPartition,
  take: (records: readonly ConsumedRecord[]) => void,
): Promise<void> {
  const { offsets } = await log.describeTopic(partition.topic);
  const bounds = offsets[partition.partition];
  if (bounds === undefined) {
    const message = `'${partition.topic}' has no partition ${partition.partition}`;
    throw new StreamsError('STREAMS_TOPIC_UNKNOWN', message);
  }
  let next = bounds.beginning;
  const reader = log.openReader();
  try {
    if (next < bounds.end) reader.assign([{ ...partition, offset: next }]);
    while (next < bounds.end) {
      for (const batch of await reader.poll({ maxWaitMs: pollWaitMs })) {
        take(batch.records);
        next = batch.nextOffset;
      }
    }
  } finally {
    await reader.close();
  }
}
