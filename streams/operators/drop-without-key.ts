/** Leaves out records without a key: they belong to no group and no partition of their own. */
import type { Operator } from '../processor.ts';

export function dropWithoutKey<K, V>(): Operator<K, V, K, V> {
  return ({ forward, dropped }) =>
    (record) => {
      if (record.key === undefined || record.key === null) dropped('null-key');
      else forward(record);
    };
}
