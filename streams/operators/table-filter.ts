/**
 * Keeps the rows that `keep` accepts: a row that stops being accepted is deleted downstream. With
 * old values at hand, deletions of rows that were never there are not forwarded.
 *
 * Equivalent: KTable#filter.
 */
import type { Operator } from '../processor.ts';
import type { Change, OldValues } from './change.ts';

export function tableFilter<K, V>(
  keep: (value: V, key: K) => boolean,
  old: OldValues,
): Operator<K, Change<V>, K, Change<V>> {
  const kept = (value: V | undefined, key: K) =>
    value !== undefined && keep(value, key) ? value : undefined;
  return ({ forward }) =>
    (record) => {
      const { key, value: change } = record;
      const newValue = kept(change.newValue, key);
      const oldValue = old.needed ? kept(change.oldValue, key) : undefined;
      if (old.needed && newValue === undefined && oldValue === undefined) return;
      forward({ ...record, value: { newValue, oldValue } });
    };
}
