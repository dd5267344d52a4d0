/**
 * Like `aggregate`, but the first value of a key is its first aggregate.
 *
 * Equivalent: KGroupedStream#reduce.
 */
import type { Operator } from '../processor.ts';
import { type Change, changesTo, isAbsent, type OldValues } from './change.ts';

export function reduce<K, V>(
  store: string,
  combine: (aggregate: V, value: V) => V,
  old: OldValues,
): Operator<K, V, K, Change<V>> {
  return (context) => {
    const aggregates = context.timestampedStore<K, V>(store);
    const { forward, dropped } = context;
    aggregates.onUpdate(changesTo(forward), old.needed);
    return (record) => {
      const { key, value, headers } = record;
      if (isAbsent(key)) return dropped('null-key');
      if (isAbsent(value)) return dropped('null-value');
      const held = aggregates.get(key);
      const newValue = held === undefined ? value : combine(held.value, value);
      const heldMs = held === undefined ? record.timestampMs : held.timestampMs;
      const timestampMs = Math.max(record.timestampMs, heldMs);
      aggregates.update(key, newValue, timestampMs, headers);
    };
  };
}
