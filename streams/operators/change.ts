/** What travels between the operators of tables: an update, with what was there before. */
import type { StreamRecord } from '../record.ts';
import type { SendUpdate } from '../state/store.ts';

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

/** Forwards the updates of a store's rows as changes. */
export function changesTo<K, V>(
  forward: (record: StreamRecord<K, Change<V>>) => void,
): SendUpdate<K, V> {
  return (key, newValue, oldValue, timestampMs, headers) =>
    forward({ key, value: { newValue, oldValue }, timestampMs, headers });
}

/** `null` and `undefined` both mean that there is no row. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
