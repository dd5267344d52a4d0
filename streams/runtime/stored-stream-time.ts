/**
 * The stream time of a task, kept with its state so that a restart does not turn it back: what was
 * late stays late. Kafka Streams keeps the same number in the metadata of its committed offsets.
 */

import { readInt64 } from '../bytes.ts';
import type { StateWrite } from '../log/log.ts';
import { withInt64 } from '../state/byte-order.ts';
import type { TaskStorage } from '../state/storage.ts';

const store = '@task';
const key = Buffer.from('stream-time');

export function storedStreamTime(storage: TaskStorage): number {
  const bytes = storage.get(store, key);
  return bytes === undefined ? -1 : readInt64(bytes, 0);
}

export function streamTimeWrite(streamTimeMs: number): StateWrite {
  return { store, key, value: withInt64(streamTimeMs) };
}
