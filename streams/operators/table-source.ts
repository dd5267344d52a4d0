/**
 * Keeps the latest value of each key and forwards the change. A record that is older than what it
 * replaces still replaces it: the order in the partition decides.
 *
 * Equivalent: KTableSource; also KStream#toTable.
 */
import type { Operator } from '../processor.ts';
import { type Change, changesTo, isAbsent, type OldValues } from './change.ts';

export function tableSource<K, V>(
  store: string,
  old: OldValues,
): Operator<K, V, K, Change<NonNullable<V>>> {
  type Row = NonNullable<V>;
  return (context) => {
    const rows = context.timestampedStore<K, Row>(store);
    const { forward, dropped } = context;
    rows.onUpdate(changesTo(forward), old.needed);
    return (record) => {
      const { key, value, timestampMs, headers } = record;
      if (isAbsent(key)) return dropped('null-key');
      rows.update(key, value as Row | null | undefined, timestampMs, headers);
    };
  };
}
