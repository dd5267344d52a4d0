/** Gives each record another key. Equivalent: KStream#selectKey. */
import type { Operator } from '../processor.ts';

export function selectKey<K, V, KOut>(keyOf: (value: V, key: K) => KOut): Operator<K, V, KOut, V> {
  return ({ forward }) =>
    ({ key, value, timestampMs, headers }) =>
      forward({ key: keyOf(value, key), value, timestampMs, headers });
}
