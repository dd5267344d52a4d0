/**
 * Ordered storage on LMDB. One environment, one named database a table.
 *
 * `write` hands a whole batch to lmdb's own thread, which commits it and flushes it (fdatasync)
 * before the promise resolves; the event loop goes on meanwhile. Overlapping sync is off, so that
 * what can be read is durable, and no reader ever sees what a crash could take back.
 */
import { type Database, open, type RootDatabase } from 'lmdb';
import { causeOf } from '../../state/lmdb/lmdb-failure.ts';
import type { KeyRange, OrderedStorage, Table, TableWrite } from '../in-process/ordered-storage.ts';

const tables: readonly Table[] = [
  'topics',
  'partitions',
  'batches',
  'offsets',
  'stores',
  'state',
  'schemas',
];

type Bytes = Database<Uint8Array, Uint8Array>;

const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;

export class LmdbStorage implements OrderedStorage {
  readonly #environment: RootDatabase<Uint8Array, Uint8Array>;
  readonly #tables: Readonly<Record<Table, Bytes>>;

  constructor(options: { readonly path: string; readonly readOnly: boolean }) {
    this.#environment = open<Uint8Array, Uint8Array>({
      ...binary,
      path: options.path,
      readOnly: options.readOnly,
      maxDbs: tables.length + 1,
      overlappingSync: false,
      eventTurnBatching: false,
    } as Parameters<typeof open>[0] & { path: string });
    this.#tables = Object.fromEntries(
      tables.map((name) => [name, this.#environment.openDB<Uint8Array, Uint8Array>(name, binary)]),
    ) as Record<Table, Bytes>;
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    return this.#tables[table].getBinary(key);
  }

  *range(
    table: Table,
    { from, to }: KeyRange,
  ): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
    const bounds = to === undefined ? { start: from } : { start: from, end: to };
    for (const { key, value } of this.#tables[table].getRange(bounds)) yield [key, value];
  }

  last(
    table: Table,
    { from, to }: KeyRange,
  ): readonly [key: Uint8Array, value: Uint8Array] | undefined {
    // Backwards from `to`, which itself is not in the range.
    const bounds = { reverse: true, ...(to === undefined ? {} : { start: to }) };
    for (const { key, value } of this.#tables[table].getRange(bounds)) {
      if (to === undefined || Buffer.compare(key, to) < 0) {
        return Buffer.compare(key, from) < 0 ? undefined : [key, value];
      }
    }
    return undefined;
  }

  async write(writes: readonly TableWrite[]): Promise<void> {
    if (writes.length === 0) return;
    try {
      await this.#environment.batch(() => {
        for (const { table, key, value } of writes) {
          // The batch's promise tells how all of them went.
          if (value === null) void this.#tables[table].remove(key);
          else void this.#tables[table].put(key, value);
        }
      });
    } catch (error) {
      throw await causeOf(error);
    }
  }

  /** Lets go of the snapshot, so that the next read sees what another process has committed. */
  renewSnapshot(): void {
    this.#environment.resetReadTxn();
  }

  async close(): Promise<void> {
    await this.#environment.close();
  }
}
