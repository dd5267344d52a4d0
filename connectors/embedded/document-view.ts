/** A view that is a table of documents, as the readers, the writer and the audit of it see it. */
import type { ViewReader, ViewWriter } from '../views/view.ts';
import type { DocumentTable } from './document-table.ts';
import { AppliedSignal, type ViewFile } from './view-file.ts';

export interface DocumentReader<K, V> extends ViewReader {
  get(key: K): Promise<V | undefined>;
  getMany(keys: readonly K[]): Promise<readonly V[]>;
  count(): Promise<number>;
}

export interface DocumentView<K, V> {
  readonly reader: DocumentReader<K, V>;
  readonly writer: ViewWriter<K, V>;
  /** Every entry, by key. */
  readonly entries: () => AsyncIterable<readonly [K, V]>;
}

/** `name` names the view in positions and errors. */
export function documentView<K extends string, V>(
  file: ViewFile,
  name: string,
  table: DocumentTable<K, V>,
): DocumentView<K, V> {
  const { database } = file;
  const signal = new AppliedSignal();
  return {
    reader: {
      get: async (key) => table.get(database, key),
      getMany: async (keys) => table.getMany(database, keys),
      count: async () => table.count(database),
      onApplied: (listener) => signal.onApplied(listener),
    },
    writer: file.writer({
      name,
      signal,
      put: (key, value) => table.put(database, key, value),
      delete: (key) => table.delete(database, key),
    }),
    entries: () => table.entries(database),
  };
}
