/**
 * The state of one task in an LMDB environment of its own. Rows of store number 0 say what is in it:
 * the format, the numbers of the stores, the positions in the changelogs.
 *
 * Not flushed at each transaction: what a killed process has written is in the system's cache, and
 * what a failing machine loses the changelogs have. `close` flushes.
 */
import { asBuffer } from '../../bytes.ts';
import { StreamsError } from '../../errors.ts';
import type { StateWrite } from '../../log/log.ts';
import type { LocalTaskStorage } from '../local-state.ts';
import { entriesOf, rowKey, rowRange, rowValue, storeNumber, valueOfRow } from '../state-rows.ts';
import { causeOf, isDamage } from './lmdb-failure.ts';
import type { TaskDirectory } from './task-directory.ts';
import {
  aboutItself,
  asKey,
  type Environment,
  openEnvironment,
  rowsOf,
  storePrefix,
  storeRow,
} from './task-environment.ts';

/** What this version reads and writes. */
const format = Buffer.from([1]);

const formatRow = rowKey(aboutItself, Buffer.from('format'));
const positionPrefix = 'position ';

export class LmdbTaskStorage implements LocalTaskStorage {
  readonly #environment: Environment;
  readonly #directory: TaskDirectory;
  readonly #whenClosed: () => void;
  readonly #positions = new Map<string, bigint>();
  readonly #numbers = new Map<string, number>();
  /** Stores whose number is not in the environment yet. */
  readonly #unfiled = new Set<string>();
  #closing: Promise<void> | undefined;

  /** @throws an error that says what is wrong with the environment. */
  constructor(directory: TaskDirectory, whenClosed: () => void) {
    this.#directory = directory;
    this.#whenClosed = whenClosed;
    this.#environment = openEnvironment(directory.path);
    try {
      this.#load();
    } catch (error) {
      void this.#environment.close(); // Nothing was written: it is closed when this returns.
      throw error;
    }
  }

  get positions(): ReadonlyMap<string, bigint> {
    return this.#positions;
  }

  get(store: string, key: Uint8Array): Uint8Array | undefined {
    const number = this.#numbers.get(store);
    if (number === undefined) return undefined;
    try {
      const stored = this.#environment.getBinary(asKey(rowKey(number, key)));
      return stored && valueOfRow(key, stored);
    } catch (error) {
      throw this.#noted(error);
    }
  }

  *range(store: string, from: Uint8Array | undefined, to: Uint8Array | undefined) {
    const number = this.#numbers.get(store);
    if (number === undefined) return;
    try {
      yield* entriesOf(rowsOf(this.#environment, rowRange(number, from, to)), from, to);
    } catch (error) {
      throw this.#noted(error);
    }
  }

  async apply(
    writes: readonly StateWrite[],
    positions: ReadonlyMap<string, bigint>,
  ): Promise<void> {
    for (const { store } of writes) if (!this.#numbers.has(store)) this.#number(store);
    const unfiled = [...this.#unfiled];
    await this.#write(() => {
      for (const store of unfiled) this.#put(storeRow(store), storeNumber(this.#number(store)));
      for (const { store, key, value } of writes) {
        const row = rowKey(this.#number(store), key);
        if (value === null) void this.#environment.remove(asKey(row));
        else this.#put(row, rowValue(key, value));
      }
      for (const [topic, position] of positions) this.#put(positionRow(topic), int64(position));
    });
    for (const store of unfiled) this.#unfiled.delete(store);
    for (const [topic, position] of positions) this.#positions.set(topic, position);
  }

  async clear(): Promise<void> {
    // A process that is killed in between leaves an empty environment, which is as good.
    await this.#write(() => void this.#environment.clearAsync());
    await this.#write(() => this.#put(formatRow, format));
    this.#positions.clear();
    this.#numbers.clear();
    this.#unfiled.clear();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#environment.committed;
      await flushed(this.#environment);
    } catch (error) {
      // Written, perhaps, and not safe: then rather restored.
      this.#directory.markDamaged(`it could not be flushed: ${String(error)}`);
    }
    await this.#environment.close();
    this.#directory.release();
    this.#whenClosed();
  }

  #load(): void {
    const found = this.#environment.getBinary(asKey(formatRow));
    if (found === undefined) {
      if (this.#environment.getKeysCount({ limit: 1 }) > 0) throw new Error('it has no format');
      this.#environment.putSync(asKey(formatRow), format);
      return;
    }
    if (Buffer.compare(found, format) !== 0) {
      throw new Error(`it has format ${found[0]}, and this version reads ${format[0]}`);
    }
    const rows = rowsOf(this.#environment, rowRange(aboutItself, undefined, undefined));
    for (const [key, value] of entriesOf(rows, undefined, undefined)) {
      const name = Buffer.from(key).toString();
      const bytes = asBuffer(value);
      if (name.startsWith(positionPrefix)) {
        this.#positions.set(name.slice(positionPrefix.length), bytes.readBigInt64BE(0));
      } else if (name.startsWith(storePrefix)) {
        this.#numbers.set(name.slice(storePrefix.length), bytes.readUInt32BE(0));
      }
    }
  }

  #number(store: string): number {
    const held = this.#numbers.get(store);
    if (held !== undefined) return held;
    const number = Math.max(aboutItself, ...this.#numbers.values()) + 1;
    this.#numbers.set(store, number);
    this.#unfiled.add(store);
    return number;
  }

  #put(row: Uint8Array, value: Uint8Array): void {
    void this.#environment.put(asKey(row), value); // The batch's promise tells how it went.
  }

  async #write(action: () => void): Promise<void> {
    try {
      await this.#environment.batch(action);
    } catch (error) {
      const cause = this.#noted(await causeOf(error));
      const message = `the state in '${this.#directory.path}' could not be written`;
      throw new StreamsError('STREAMS_STATE_UNAVAILABLE', message, { cause });
    }
  }

  /** What is broken is not opened again as it is. */
  #noted(error: unknown): unknown {
    if (isDamage(error)) this.#directory.markDamaged(String(error));
    return error;
  }
}

function flushed(environment: Environment): Promise<void> {
  return new Promise((resolve, reject) => {
    const { sync } = environment as unknown as { sync(done: (error?: unknown) => void): void };
    sync.call(environment, (error) => (error ? reject(error) : resolve()));
  });
}

function positionRow(topic: string): Buffer {
  return rowKey(aboutItself, Buffer.from(positionPrefix + topic));
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(value, 0);
  return bytes;
}
