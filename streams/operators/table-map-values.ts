/** Gives each row another value; deletions stay deletions. Equivalent: KTable#mapValues. */
import type { Operator } from '../processor.ts';
import type { Change, OldValues } from './change.ts';

export function tableMapValues<K, V, VOut>(
  to: (value: V, key: K) => VOut,
  old: OldValues,
): Operator<K, Change<V>, K, Change<VOut>> {
  return ({ forward }) =>
    (record) => {
      const { key, value: change } = record;
      const { newValue, oldValue } = change;
      const value = {
        newValue: newValue === undefined ? undefined : to(newValue, key),
        oldValue: old.needed && oldValue !== undefined ? to(oldValue, key) : undefined,
      };
      forward({ ...record, value });
    };
}
