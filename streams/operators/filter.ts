/** Forwards the records that `keep` accepts. Equivalent: KStream#filter, #filterNot. */
import type { Operator } from '../processor.ts';

export function filter<K, V>(keep: (value: V, key: K) => boolean): Operator<K, V, K, V> {
  return ({ forward }) =>
    (record) => {
      if (keep(record.value, record.key)) forward(record);
    };
}
