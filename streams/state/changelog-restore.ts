/**
 * From the records of a changelog back to the bytes that a store keeps: the time before the value of
 * a table's row; the index by time and the stream time of a window store, which are not logged
 * because they follow from what is.
 */

import { readInt64 } from '../bytes.ts';
import type { ConsumedRecord, StateWrite } from '../log/log.ts';
import { withInt64 } from './byte-order.ts';
import type { TaskStorage } from './storage.ts';
import { withTimestamp } from './timestamped-store.ts';
import { expiryKey } from './window-key.ts';
import { expiryIndexName, indexed, streamTimeKey } from './window-store.ts';

export interface RestorableStore {
  readonly name: string;
  readonly kind: 'key-value' | 'timestamped' | 'window';
}

/** The stream time of a window store that is partly restored; -1 when it has none. */
export function restoredStreamTime(store: RestorableStore, storage: TaskStorage): number {
  const bytes = storage.get(expiryIndexName(store.name), streamTimeKey);
  return bytes === undefined ? -1 : readInt64(bytes, 0);
}

/**
 * Takes the records of one store's changelog in their order and answers with what to write.
 * `streamTimeMs` is what `restoredStreamTime` says of state that has some of them already.
 */
export function changelogRestore(
  store: RestorableStore,
  streamTimeMs = -1,
): (record: Pick<ConsumedRecord, 'key' | 'value' | 'timestampMs'>) => StateWrite[] {
  const { name, kind } = store;
  let observedMs = streamTimeMs;
  return ({ key, value, timestampMs }) => {
    if (key === null) return [];
    const timed = kind !== 'key-value' && value !== null;
    const kept = timed ? withTimestamp(value, timestampMs) : value;
    const writes: StateWrite[] = [{ store: name, key, value: kept }];
    if (kind !== 'window') return writes;
    const index = expiryIndexName(name);
    writes.push({ store: index, key: expiryKey(key), value: value === null ? null : indexed });
    if (timestampMs > observedMs) {
      observedMs = timestampMs;
      writes.push({ store: index, key: streamTimeKey, value: withInt64(timestampMs) });
    }
    return writes;
  };
}
