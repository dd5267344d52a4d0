/**
 * Joins each record with the row of its key, as it is when the record comes; updates of the table
 * produce nothing. The result has the record's time.
 *
 * Equivalent: KStream#join, #leftJoin with a KTable.
 */
import type { Operator } from '../processor.ts';
import { isAbsent } from './change.ts';
import type { TableView } from './table-view.ts';

export interface JoinStreamTableOptions<K, V, VTable, VOut> {
  readonly table: TableView<K, VTable>;
  readonly join: (value: V, tableValue: VTable | undefined, key: K) => VOut;
  /** Whether a record without a row is joined with `undefined` or left out. */
  readonly left: boolean;
}

export function joinStreamTable<K, V, VTable, VOut>(
  options: JoinStreamTableOptions<K, V, VTable, VOut>,
): Operator<K, V, K, VOut> {
  const { join, left } = options;
  return (context) => {
    const read = options.table.open(context);
    const { forward, dropped } = context;
    return (record) => {
      const { key, value } = record;
      if (isAbsent(value)) return dropped('null-value');
      if (isAbsent(key) && !left) return dropped('null-key');
      const row = isAbsent(key) ? undefined : read(key);
      if (row === undefined && !left) return;
      forward({ ...record, value: join(value, row?.value, key) });
    };
  };
}
