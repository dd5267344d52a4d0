/**
 * From the records of a changelog back to the bytes that a store keeps: the time before the value of
 * a table's row; the index by time and the stream time of a window store, which are not logged
 * because they follow from what is.
 */
import type { ConsumedRecord, StateWrite } from '../log/log.ts';
import { withInt64 } from './byte-order.ts';
import { withTimestamp } from './timestamped-store.ts';
import { expiryKey } from './window-key.ts';
import { expiryIndexName, indexed, streamTimeKey } from './window-store.ts';

export interface RestorableStore {
  readonly name: string;
  readonly kind: 'key-value' | 'timestamped' | 'window';
}

/** Takes the records of one store's changelog in their order and answers with what to write. */
export function changelogRestore(
  store: RestorableStore,
): (record: Pick<ConsumedRecord, 'key' | 'value' | 'timestampMs'>) => StateWrite[] {
  const { name, kind } = store;
  let streamTimeMs = -1;
  return ({ key, value, timestampMs }) => {
    if (key === null) return [];
    const timed = kind !== 'key-value' && value !== null;
    const kept = timed ? withTimestamp(value, timestampMs) : value;
    const writes: StateWrite[] = [{ store: name, key, value: kept }];
    if (kind !== 'window') return writes;
    const index = expiryIndexName(name);
    writes.push({ store: index, key: expiryKey(key), value: value === null ? null : indexed });
    if (timestampMs > streamTimeMs) {
      streamTimeMs = timestampMs;
      writes.push({ store: index, key: streamTimeKey, value: withInt64(timestampMs) });
    }
    return writes;
  };
}
