/**
 * Rebuilds the state of a task from its changelog topics, for a log that does not keep state itself:
 * the newest value of each key, in the bytes that the store keeps.
 */
import { StreamsError } from '../errors.ts';
import type { ConsumedRecord, Log, StateWrite, TopicPartition } from '../log/log.ts';
import { withInt64 } from '../state/byte-order.ts';
import { MemoryTaskStorage } from '../state/memory-storage.ts';
import { expiryKey } from '../state/window-key.ts';
import { expiryIndexName, streamTimeKey } from '../state/window-store.ts';
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
    await readToEnd(options.log, changelog, (records) => {
      for (const record of records) {
        streamTimeMs = Math.max(streamTimeMs, record.timestampMs);
        storage.apply(stateWrites(store, record, streamTimeMs));
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

/** A changelog has the plain value; a store behind a table has eight bytes of time before it. */
function stateWrites(
  store: StoreSpec,
  { key, value, timestampMs }: ConsumedRecord,
  streamTimeMs: number,
): StateWrite[] {
  if (key === null) return [];
  if (value === null || store.kind === 'key-value') return [{ store: store.name, key, value }];
  const timed = { store: store.name, key, value: Buffer.concat([withInt64(timestampMs), value]) };
  return store.kind === 'window'
    ? [timed, ...expiryWrites(store.name, key, streamTimeMs)]
    : [timed];
}

/** The index that a window store derives from its entries, and the stream time that it knows. */
function expiryWrites(name: string, key: Uint8Array, streamTimeMs: number): StateWrite[] {
  const store = expiryIndexName(name);
  return [
    { store, key: expiryKey(key), value: new Uint8Array([1]) },
    { store, key: streamTimeKey, value: withInt64(streamTimeMs) },
  ];
}
