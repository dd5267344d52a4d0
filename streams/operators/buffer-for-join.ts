/**
 * Keeps the records of one stream for those of the other that are still to come, and forwards them
 * to be joined. A record whose window has closed is not kept: it was late.
 *
 * Equivalent: KStreamJoinWindow.
 */
import type { Operator } from '../processor.ts';
import { isAbsent } from './change.ts';

export interface BufferForJoinOptions {
  readonly buffer: string;
  /** How long after its time a record may be joined, on this side: the window and the grace. */
  readonly openMs: number;
}

export function bufferForJoin<K, V>(options: BufferForJoinOptions): Operator<K, V, K, V> {
  const { openMs } = options;
  return (context) => {
    const buffer = context.joinBuffer<K, V>(options.buffer);
    const { forward, dropped } = context;
    return (record) => {
      const { key, value, timestampMs } = record;
      // What lacks a key or a value is the joining operator's to drop.
      if (!isAbsent(key) && !isAbsent(value)) {
        if (timestampMs + openMs < buffer.observe(timestampMs)) dropped('late');
        else buffer.put(key, value, timestampMs);
      }
      forward(record);
    };
  };
}
