/**
 * Joins two tables: an update of either side is joined with the row of the other side. One operator
 * for each side; `side` says whose updates it takes. The result has the later of both times.
 *
 * Equivalent: KTable#join, #leftJoin, #outerJoin.
 */
import type { Operator } from '../processor.ts';
import { type Change, isAbsent, type OldValues } from './change.ts';
import type { TableView } from './table-view.ts';

export type JoinKind = 'inner' | 'left' | 'outer';

/** Joins what is there; `undefined` where the kind of join wants a row that is not there. */
export type JoinRows<V, VOther, VOut> = (
  value: V | undefined,
  other: VOther | undefined,
) => VOut | undefined;

/** The join of two rows, absent where `kind` demands a row that is missing. */
export function joinRows<V, VOther, VOut>(
  kind: JoinKind,
  join: (value: V | undefined, other: VOther | undefined) => VOut,
): JoinRows<V, VOther, VOut> {
  return (value, other) => {
    if (value === undefined && (other === undefined || kind !== 'outer')) return undefined;
    if (other === undefined && kind === 'inner') return undefined;
    return join(value, other);
  };
}

export interface JoinTablesOptions<K, V, VOther, VOut> {
  /** Reads the table whose updates do not come here. */
  readonly other: TableView<K, VOther>;
  readonly join: JoinRows<V, VOther, VOut>;
  /** Whether an update means anything when the other table has no row. */
  readonly otherOptional: boolean;
}

export function joinTables<K, V, VOther, VOut>(
  { other, join, otherOptional }: JoinTablesOptions<K, V, VOther, VOut>,
  old: OldValues,
): Operator<K, Change<V>, K, Change<VOut>> {
  return (context) => {
    const read = other.open(context);
    const { forward, dropped } = context;
    return (record) => {
      const { key, value: change } = record;
      if (isAbsent(key)) return dropped('null-key');
      const row = read(key);
      if (row === undefined) {
        // Nothing was joined before and nothing is now.
        if (!otherOptional) return;
        if (change.newValue === undefined && change.oldValue === undefined) return;
      }
      const timestampMs = Math.max(record.timestampMs, row?.timestampMs ?? record.timestampMs);
      const newValue = join(change.newValue, row?.value);
      const oldValue = old.needed ? join(change.oldValue, row?.value) : undefined;
      forward({ ...record, timestampMs, value: { newValue, oldValue } });
    };
  };
}
