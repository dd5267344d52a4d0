/**
 * What a task keeps about itself, with its state.
 *
 * Its stream time, so that a restart does not turn it back: what was late stays late. Kafka Streams
 * keeps the same number in the metadata of its committed offsets.
 *
 * Where state comes from changelogs, when it was last known to have all of them: a changelog forgets
 * its tombstones after a while, and state older than that would keep what was deleted.
 */

import { readInt64 } from '../bytes.ts';
import type { StateWrite } from '../log/log.ts';
import { withInt64 } from '../state/byte-order.ts';
import type { TaskStorage } from '../state/storage.ts';

const store = '@task';
const streamTime = Buffer.from('stream-time');
const completeAt = Buffer.from('complete-at');

/** -1 when there is none. */
export function storedStreamTime(storage: TaskStorage): number {
  return stored(storage, streamTime);
}

export function streamTimeWrite(streamTimeMs: number): StateWrite {
  return { store, key: streamTime, value: withInt64(streamTimeMs) };
}

/** By the wall clock; -1 when it never was. */
export function storedCompleteAt(storage: TaskStorage): number {
  return stored(storage, completeAt);
}

export function completeAtWrite(nowMs: number): StateWrite {
  return { store, key: completeAt, value: withInt64(nowMs) };
}

function stored(storage: TaskStorage, key: Uint8Array): number {
  const bytes = storage.get(store, key);
  return bytes === undefined ? -1 : readInt64(bytes, 0);
}
