/**
 * One running value for each key. A record without key or value is left out. The time of a value is
 * the largest time of the records in it.
 *
 * Equivalent: KGroupedStream#aggregate, #count; #reduce is `reduce.ts`. Kafka Streams forwards the
 * initial value as the old value of a new key; here a new key had none, so that nothing is
 * subtracted downstream that was never added.
 */
import type { Operator } from '../processor.ts';
import { type Change, changesTo, isAbsent, type OldValues } from './change.ts';

export interface AggregateOptions<K, V, Agg> {
  /** Store that holds the running values; its changelog topic takes the same name. */
  readonly store: string;
  readonly initial: () => Agg;
  /** Must be pure: a record is aggregated again if its task fails before the next commit. */
  readonly add: (aggregate: Agg, value: V, key: K) => Agg;
}

export function aggregate<K, V, Agg>(
  { store, initial, add }: AggregateOptions<K, V, Agg>,
  old: OldValues,
): Operator<K, V, K, Change<Agg>> {
  return (context) => {
    const aggregates = context.timestampedStore<K, Agg>(store);
    const { forward, dropped } = context;
    aggregates.onUpdate(changesTo(forward), old.needed);
    return (record) => {
      const { key, value, headers } = record;
      if (isAbsent(key)) return dropped('null-key');
      if (isAbsent(value)) return dropped('null-value');
      const held = aggregates.get(key);
      const newValue = add(held === undefined ? initial() : held.value, value, key);
      const heldMs = held === undefined ? record.timestampMs : held.timestampMs;
      const timestampMs = Math.max(record.timestampMs, heldMs);
      aggregates.update(key, newValue, timestampMs, headers);
    };
  };
}
