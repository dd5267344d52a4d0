/**
 * Rebuilds the state of a task from its changelog topics, for a log that does not keep state itself:
 * the newest value of each key, in the bytes that the store keeps.
 */
import { StreamsError } from '../errors.ts';
import type { ConsumedRecord, Log, TopicPartition } from '../log/log.ts';
import { changelogRestore } from '../state/changelog-restore.ts';
import { MemoryTaskStorage } from '../state/memory-storage.ts';
import { changelogName, type StoreSpec } from '../topology/topology.ts';
import { streamTimeWrite } from './stored-stream-time.ts';

/** How long to wait for the next records before looking again; not how long a restore may take. */
const pollWaitMs = 1_000;

export interface RestoreOptions {
  readonly log: Log;
  readonly applicationId: string;
  readonly partition: number;
  readonly stores: readonly StoreSpec[];
  /** Told how many records were read. */
  readonly progress: (records: number) => void;
}

export async function restoredStorage(options: RestoreOptions): Promise<MemoryTaskStorage> {
  const storage = new MemoryTaskStorage();
  let streamTimeMs = -1;
  for (const store of options.stores.filter(({ logged }) => logged)) {
    const changelog = {
      topic: changelogName(store.name, options.applicationId),
      partition: options.partition,
    };
    const restore = changelogRestore(store);
    await readToEnd(options.log, changelog, (records) => {
      for (const record of records) {
        streamTimeMs = Math.max(streamTimeMs, record.timestampMs);
        storage.apply(restore(record));
      }
      options.progress(records.length);
    });
  }
  if (streamTimeMs >= 0) storage.apply([streamTimeWrite(streamTimeMs)]);
  return storage;
}

/** Reads a partition from its beginning to where it ends now. */
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
