/** What travels between the operators of tables: an update, with what was there before. */

/** `undefined` is no row. `oldValue` is only filled in when an operator downstream needs it. */
export interface Change<V> {
  readonly newValue: V | undefined;
  readonly oldValue: V | undefined;
}

/**
 * Whether a table sends old values along: a switch that whoever needs them turns on while the
 * topology is written. Without it a filter cannot tell a deletion from a row that it never had.
 */
export interface OldValues {
  needed: boolean;
}

/** `null` and `undefined` both mean that there is no row. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
