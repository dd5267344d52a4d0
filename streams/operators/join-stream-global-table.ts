/**
 * Joins each record with the row of a global table that `keyOf` names, as it is now.
 *
 * Equivalent: KStream#join, #leftJoin with a GlobalKTable.
 */
import type { Operator } from '../processor.ts';

export interface JoinGlobalTableOptions<K, V, KTable, VTable, VOut> {
  readonly table: string;
  readonly keyOf: (value: V, key: K) => KTable;
  readonly join: (value: V, tableValue: VTable | undefined, key: K) => VOut;
  /** Whether a record without a row is joined with `undefined` or left out. */
  readonly left: boolean;
}

export function joinStreamGlobalTable<K, V, KTable, VTable, VOut>(
  options: JoinGlobalTableOptions<K, V, KTable, VTable, VOut>,
): Operator<K, V, K, VOut> {
  const { keyOf, join, left } = options;
  return (context) => {
    const table = context.globalTable<KTable, VTable>(options.table);
    const { forward, dropped } = context;
    return (record) => {
      const { key, value } = record;
      if (value === undefined || value === null) return dropped('null-value');
      const tableKey = keyOf(value, key);
      const hasKey = tableKey !== undefined && tableKey !== null;
      if (!hasKey && !left) return dropped('null-key');
      const tableValue = hasKey ? table.get(tableKey) : undefined;
      if (!left && (tableValue === undefined || tableValue === null)) return;
      forward({ ...record, value: join(value, tableValue, key) });
    };
  };
}
