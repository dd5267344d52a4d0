/**
 * From the records of a changelog back to the bytes that a store keeps: the time before the value of
 * a table's row; of a store that expires, the index by time, its stream time and the sequence of a
 * join buffer, which are not logged because they follow from what is.
 */

import { readInt64 } from '../bytes.ts';
import type { ConsumedRecord, StateWrite } from '../log/log.ts';
import { withInt64 } from './byte-order.ts';
import { expiryIndexName, indexed, streamTimeKey } from './expiry-index.ts';
import { sequenceKey, withInt32 } from './join-buffer.ts';
import { sessionExpiryKey } from './session-key.ts';
import { observedInSession } from './session-store.ts';
import type { TaskStorage } from './storage.ts';
import { timeLengthOf, withTimestamp } from './timestamped-store.ts';
import { bufferExpiryKey, expiryKey, sequenceOfWindowKey } from './window-key.ts';

export interface RestorableStore {
  readonly name: string;
  readonly kind: 'key-value' | 'timestamped' | 'window' | 'session' | 'join-buffer';
}

/** How far a store is that has some of its changelog already. */
export interface RestoredSoFar {
  /** -1: it has none. */
  readonly streamTimeMs: number;
  /** Of a join buffer; 0: it has none. */
  readonly sequence: number;
}

const nothing: RestoredSoFar = { streamTimeMs: -1, sequence: 0 };

export function restoredSoFar(store: RestorableStore, storage: TaskStorage): RestoredSoFar {
  const index = expiryIndexName(store.name);
  const time = storage.get(index, streamTimeKey);
  const sequence = storage.get(index, sequenceKey);
  return {
    streamTimeMs: time === undefined ? nothing.streamTimeMs : readInt64(time, 0),
    sequence: sequence === undefined ? nothing.sequence : Buffer.from(sequence).readInt32BE(),
  };
}

/** How the index by time of a store follows from its changelog. */
interface Expiry {
  readonly indexKey: (key: Uint8Array) => Uint8Array;
  /** The stream time that a record tells of. */
  readonly observed: (key: Uint8Array, timestampMs: number) => number;
  /** The sequence of a join buffer's record. */
  readonly sequence?: (key: Uint8Array) => number;
}

const itsTime = (_: Uint8Array, timestampMs: number) => timestampMs;

const expiries: Partial<Record<RestorableStore['kind'], Expiry>> = {
  window: { indexKey: expiryKey, observed: itsTime },
  session: { indexKey: sessionExpiryKey, observed: observedInSession },
  'join-buffer': { indexKey: bufferExpiryKey, observed: itsTime, sequence: sequenceOfWindowKey },
};

/**
 * Takes the records of one store's changelog in their order and answers with what to write. `from` is
 * what `restoredSoFar` says of state that has some of them already.
 */
export function changelogRestore(
  store: RestorableStore,
  from: RestoredSoFar = nothing,
): (record: Pick<ConsumedRecord, 'key' | 'value' | 'timestampMs'>) => StateWrite[] {
  const { name, kind } = store;
  const isTimed = timeLengthOf(kind) > 0;
  const expiry = expiries[kind];
  const index = expiryIndexName(name);
  let { streamTimeMs, sequence: last } = from;
  return ({ key, value, timestampMs }) => {
    if (key === null) return [];
    const kept = isTimed && value !== null ? withTimestamp(value, timestampMs) : value;
    const writes: StateWrite[] = [{ store: name, key, value: kept }];
    if (expiry === undefined) return writes;
    const place = value === null ? null : indexed;
    writes.push({ store: index, key: expiry.indexKey(key), value: place });
    const observedMs = expiry.observed(key, timestampMs);
    if (observedMs > streamTimeMs) {
      streamTimeMs = observedMs;
      writes.push({ store: index, key: streamTimeKey, value: withInt64(observedMs) });
    }
    const sequence = expiry.sequence?.(key) ?? 0;
    if (sequence > last) {
      last = sequence;
      writes.push({ store: index, key: sequenceKey, value: withInt32(sequence) });
    }
    return writes;
  };
}
