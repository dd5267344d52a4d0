/**
 * Reads a table at a key: from its own store, or worked out of its parents when it keeps none.
 *
 * Equivalent: KTableValueGetter.
 */
import type { OperatorContext } from '../processor.ts';
import type { TimestampedValue } from '../state/store.ts';
import type { SessionWindow } from '../windows/session-windows.ts';
import type { Windowed } from '../windows/time-windows.ts';

type ReadTable<K, V> = (key: K) => TimestampedValue<V> | undefined;

export interface TableView<K, V> {
  /** The stores that it reads: an operator that opens it must be connected to them. */
  readonly stores: readonly string[];
  readonly open: (context: OperatorContext<never, never>) => ReadTable<K, V>;
}

export function storeView<K, V>(store: string): TableView<K, V> {
  return {
    stores: [store],
    open: (context) => {
      const rows = context.timestampedStore<K, V>(store);
      return (key) => rows.get(key);
    },
  };
}

export function windowStoreView<K, V>(store: string): TableView<Windowed<K>, V> {
  return {
    stores: [store],
    open: (context) => {
      const rows = context.windowStore<K, V>(store);
      return ({ key, window }) => rows.fetch(key, window.startMs);
    },
  };
}

/** The time of a session's value is the session's end. */
export function sessionStoreView<K, V>(store: string): TableView<Windowed<K, SessionWindow>, V> {
  return {
    stores: [store],
    open: (context) => {
      const rows = context.sessionStore<K, V>(store);
      return ({ key, window }) => {
        const value = rows.fetchSession(key, window);
        return value === undefined ? undefined : { value, timestampMs: window.endMs };
      };
    },
  };
}

/** A view of one row, worked out of the parent's; `undefined` from `to` is no row. */
export function derivedView<K, V, VOut>(
  parent: TableView<K, V>,
  to: (value: V, key: K) => VOut | undefined,
): TableView<K, VOut> {
  return {
    stores: parent.stores,
    open: (context) => {
      const read = parent.open(context);
      return (key) => {
        const row = read(key);
        const value = row && to(row.value, key);
        return row && value !== undefined ? { value, timestampMs: row.timestampMs } : undefined;
      };
    },
  };
}

/** A row of two tables; `to` answers `undefined` where the join has none. Its time is the later. */
export function joinedView<K, V, VOther, VOut>(
  left: TableView<K, V>,
  right: TableView<K, VOther>,
  to: (value: V | undefined, other: VOther | undefined) => VOut | undefined,
): TableView<K, VOut> {
  return {
    stores: [...left.stores, ...right.stores],
    open: (context) => {
      const readLeft = left.open(context);
      const readRight = right.open(context);
      return (key) => {
        const row = readLeft(key);
        const other = readRight(key);
        const value = to(row?.value, other?.value);
        if (value === undefined) return undefined;
        return { value, timestampMs: Math.max(row?.timestampMs ?? -1, other?.timestampMs ?? -1) };
      };
    },
  };
}
