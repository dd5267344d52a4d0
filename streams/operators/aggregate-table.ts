/**
 * One running value for each group of rows: what a row was is subtracted, then what it is is added.
 *
 * Equivalent: KGroupedTable#aggregate, #count.
 */
import type { Operator } from '../processor.ts';
import { type Change, changesTo, isAbsent, type OldValues } from './change.ts';

export interface AggregateTableOptions<K, V, Agg> {
  readonly store: string;
  readonly initial: () => Agg;
  readonly add: (aggregate: Agg, value: V, key: K) => Agg;
  readonly subtract: (aggregate: Agg, value: V, key: K) => Agg;
}

export function aggregateTable<K, V, Agg>(
  { store, initial, add, subtract }: AggregateTableOptions<K, V, Agg>,
  old: OldValues,
): Operator<K, Change<V>, K, Change<Agg>> {
  return (context) => {
    const aggregates = context.timestampedStore<K, Agg>(store);
    const { forward, dropped } = context;
    aggregates.onUpdate(changesTo(forward), old.needed);
    return (record) => {
      const { key, value: change } = record;
      if (isAbsent(key)) return dropped('null-key');
      const held = aggregates.get(key);
      let newValue = held?.value;
      if (change.oldValue !== undefined && newValue !== undefined) {
        newValue = subtract(newValue, change.oldValue, key);
      }
      if (change.newValue !== undefined) {
        newValue = add(newValue === undefined ? initial() : newValue, change.newValue, key);
      }
      const timestampMs = Math.max(record.timestampMs, held?.timestampMs ?? record.timestampMs);
      aggregates.update(key, newValue, timestampMs, record.headers);
    };
  };
}
