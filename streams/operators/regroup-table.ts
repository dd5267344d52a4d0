/**
 * Sends the changes of a table to their groups. A row that moves leaves its old group first, then
 * enters the new one: two records. One that stays is one record with both values.
 *
 * Equivalent: KTableRepartitionMap.
 */
import type { Operator } from '../processor.ts';
import type { Serializer } from '../serde.ts';
import { equalBytes } from '../state/byte-order.ts';
import { type Change, isAbsent } from './change.ts';

interface Row<K, V> {
  readonly key: K;
  readonly value: V;
}

export function regroupTable<K, V, KOut, VOut>(
  map: (row: Row<K, V>) => Row<KOut, VOut>,
  keys: Serializer<KOut>,
): Operator<K, Change<V>, KOut, Change<VOut>> {
  const sameKey = (a: KOut, b: KOut) =>
    a === b || (typeof a === 'object' && equalBytes(keys.serialize(a), keys.serialize(b)));

  return ({ forward }) =>
    (record) => {
      const { key, value: change } = record;
      const entered = grouped(map, key, change.newValue);
      const left = grouped(map, key, change.oldValue);
      if (entered && left && sameKey(entered.key, left.key)) {
        const value = { newValue: entered.value, oldValue: left.value };
        forward({ ...record, key: left.key, value });
        return;
      }
      if (left) {
        const value = { newValue: undefined, oldValue: left.value };
        forward({ ...record, key: left.key, value });
      }
      if (entered) {
        const value = { newValue: entered.value, oldValue: undefined };
        forward({ ...record, key: entered.key, value });
      }
    };
}

/** A row without a group key or without a value belongs to no group. */
function grouped<K, V, KOut, VOut>(
  map: (row: Row<K, V>) => Row<KOut, VOut>,
  key: K,
  value: V | undefined,
): Row<KOut, VOut> | undefined {
  if (value === undefined) return undefined;
  const row = map({ key, value });
  return isAbsent(row.key) || isAbsent(row.value) ? undefined : row;
}
