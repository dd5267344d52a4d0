/** Forwards every record: where streams meet. Equivalent: KStream#merge. */
import type { Operator } from '../processor.ts';

export function passThrough<K, V>(): Operator<K, V, K, V> {
  return ({ forward }) => forward;
}
