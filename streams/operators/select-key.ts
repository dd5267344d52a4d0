/** Gives each record another key. Equivalent: KStream#selectKey. */
import type { Operator } from '../processor.ts';

export function selectKey<K, V, KOut>(keyOf: (value: V, key: K) => KOut): Operator<K, V, KOut, V> {
  return ({ forward }) =>
    (record) =>
      forward({ ...record, key: keyOf(record.value, record.key) });
}
