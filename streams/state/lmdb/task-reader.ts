/**
 * Reads the state of a task that another thread of this process has open, without asking that thread:
 * LMDB shows every transaction as soon as it is committed. It never writes, and waits for nobody but,
 * when it is opened, for the end of a transaction that is being written.
 */
import { asBuffer } from '../../bytes.ts';
import { StreamsError } from '../../errors.ts';
import { justAfter } from '../byte-order.ts';
import { entriesOf, rowKey, rowRange, type StateEntry, valueOfRow } from '../state-rows.ts';
import type { TaskStorage } from '../storage.ts';
import { asKey, type Environment, openEnvironment, rowsOf, storeRow } from './task-environment.ts';

/** Entries that are read at once, so that a slow taker keeps no old pages from being used again. */
const pageEntries = 1_000;
const pageBytes = 1024 * 1024;

export class TaskReader implements TaskStorage {
  readonly #environment: Environment;
  #isOpen = true;

  /** `path`: of the environment, which another thread has open. */
  constructor(path: string) {
    this.#environment = openEnvironment(path);
  }

  get(store: string, key: Uint8Array): Uint8Array | undefined {
    this.#renew(store);
    const number = this.#number(store);
    if (number === undefined) return undefined;
    const stored = this.#environment.getBinary(asKey(rowKey(number, key)));
    return stored && valueOfRow(key, stored);
  }

  /** Each page is as of when it is read. @throws StreamsError `STREAMS_STORE_UNAVAILABLE` */
  *range(
    store: string,
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
  ): Generator<StateEntry> {
    let next = from;
    for (;;) {
      const page = this.#page(store, next, to);
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      next = justAfter(last[0]);
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    void this.#environment.close(); // It has written nothing: it is closed when this returns.
  }

  #page(store: string, from: Uint8Array | undefined, to: Uint8Array | undefined): StateEntry[] {
    this.#renew(store);
    const number = this.#number(store);
    const page: StateEntry[] = [];
    if (number === undefined) return page;
    let bytes = 0;
    const rows = rowsOf(this.#environment, rowRange(number, from, to));
    for (const entry of entriesOf(rows, from, to)) {
      page.push(entry);
      bytes += entry[0].length + entry[1].length;
      if (page.length === pageEntries || bytes >= pageBytes) break;
    }
    return page;
  }

  /** From now on reads show what has been committed until now. */
  #renew(store: string): void {
    if (!this.#isOpen) {
      const message = `store '${store}' cannot be read now: its task has moved`;
      throw new StreamsError('STREAMS_STORE_UNAVAILABLE', message, { retryable: true });
    }
    this.#environment.resetReadTxn();
  }

  /** Of a store that nothing was written to there is none. Looked up each time: clearing forgets it. */
  #number(store: string): number | undefined {
    const row = this.#environment.getBinary(asKey(storeRow(store)));
    return row && asBuffer(row).readUInt32BE(0);
  }
}
