/** A view in its tables, as readers, the sink, an audit and a rebuild see it. */
import { AppliedSignal } from '../applied-signal.ts';
import type { OneWriter, Rebuildable } from '../views/rebuild.ts';
import type { Entries, StoredView } from '../views/shop-views.ts';
import type { ViewReader } from '../views/view.ts';
import { type Column, DocumentTable } from './document-table.ts';
import type { Executor, MysqlDatabase } from './mysql-database.ts';
import { rebuildable } from './view-copy.ts';
import type { ViewTables } from './view-tables.ts';
import { overDatabase, viewErrorOf } from './view-unavailable.ts';
import { viewWriter } from './view-writer.ts';

export interface MysqlView<Reader extends ViewReader, K, V, EntryKey = K>
  extends StoredView<Reader, K, V, EntryKey>,
    Rebuildable<OneWriter<K, V>> {}

/** The next entries behind a key, by key; none when there are no more. */
type EntriesAfter<K, V> = (
  executor: Executor,
  after: K | undefined,
) => Promise<readonly (readonly [K, V])[]>;

export interface ViewParts<Reader extends ViewReader, K, V, EntryKey> {
  readonly tables: ViewTables<K, V>;
  readonly reader: Omit<Reader, 'onApplied'>;
  readonly entriesAfter: EntriesAfter<EntryKey, V>;
}

export function mysqlView<Reader extends ViewReader, K, V, EntryKey = K>(
  database: MysqlDatabase,
  { tables, reader, entriesAfter }: ViewParts<Reader, K, V, EntryKey>,
): MysqlView<Reader, K, V, EntryKey> {
  const signal = new AppliedSignal();
  const name = `view '${tables.name}'`;
  return {
    reader: {
      ...overDatabase(name, reader),
      onApplied: (listener: () => void) => signal.onApplied(listener),
    } as unknown as Reader, // Its methods, and the one that was left out.
    writer: viewWriter({ database, tables, named: (table) => table, signal }),
    entries: entriesOf(database, name, entriesAfter),
    ...rebuildable(database, tables),
  };
}

interface KeyedReader<K, V> extends ViewReader {
  get(key: K): Promise<V | undefined>;
}

/** A view of documents whose reader finds them by key. */
export function mysqlDocuments<K extends string, V>(
  database: MysqlDatabase,
  name: string,
): MysqlView<KeyedReader<K, V>, K, V> {
  const { table, tables } = documentTables<K, V>(name, name);
  return mysqlView<KeyedReader<K, V>, K, V>(database, {
    tables,
    reader: { get: (key: K) => database.read((executor) => table.get(executor, key)) },
    entriesAfter: (executor, after) => table.entriesAfter(executor, after),
  });
}

/** The tables of a view of documents; `table` names those that migrations made. */
export function documentTables<K extends string, V>(
  name: string,
  tableName: string,
  columns: readonly Column<V>[] = [],
): { readonly table: DocumentTable<K, V>; readonly tables: ViewTables<K, V> } {
  const table = new DocumentTable<K, V>(tableName, columns);
  return {
    table,
    tables: {
      name,
      rows: [tableName],
      positions: `${tableName}_positions`,
      statements: (changes, named) => table.latest(changes, named),
    },
  };
}

/** Every entry, by key. What is written meanwhile may be seen or not; nothing is seen twice. */
function entriesOf<K, V>(
  database: MysqlDatabase,
  name: string,
  entriesAfter: EntriesAfter<K, V>,
): Entries<K, V> {
  return async function* entries() {
    let after: K | undefined;
    for (;;) {
      const found = await database
        .read((executor) => entriesAfter(executor, after))
        .catch((error: unknown) => {
          throw viewErrorOf(error, `${name} cannot be read`);
        });
      yield* found;
      const last = found.at(-1);
      if (last === undefined) return;
      [after] = last;
    }
  };
}
