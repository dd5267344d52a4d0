/** The tables of one view: which they are, and how changes get into them. */
import type { Change } from '../views/view.ts';
import type { Statement } from './mysql-database.ts';

/** The name of one of the view's tables where it is now: the live one, or a copy's. */
export type TableName = (table: string) => string;

export interface ViewTables<K, V> {
  /** Names the view in errors. */
  readonly name: string;
  /** All that hold rows; parents before their children. */
  readonly rows: readonly string[];
  /** Holds how far it is, and who may write. */
  readonly positions: string;
  /**
   * What brings these changes in, which are in the order of the log. May throw for a value that
   * must not be in the view.
   *
   * @throws SinkError `SINK_REJECTED`
   */
  readonly statements: (changes: readonly Change<K, V>[], named: TableName) => readonly Statement[];
  /** Foreign keys of a copy, which `CREATE TABLE … LIKE` leaves out. */
  readonly links?: (named: TableName) => readonly string[];
}

export const live: TableName = (table) => table;
export const copied: TableName = (table) => `${table}__copy`;
/** What was live until a copy took its place, for a moment. */
export const replaced: TableName = (table) => `${table}__replaced`;

export function allTables({ rows, positions }: ViewTables<never, never>): readonly string[] {
  return [...rows, positions];
}

/** The last change of each key: what is between has no effect. */
export function latestOf<K, V>(changes: readonly Change<K, V>[]): ReadonlyMap<K, V | null> {
  return new Map(changes.map(({ key, value }) => [key, value]));
}
