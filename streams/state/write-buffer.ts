/**
 * The uncommitted writes of one store, in front of its committed bytes, with a bounded cache of
 * what was read. Reads see both, in the order of the keys' bytes.
 *
 * Three sizes of "undo": a record (`rollbackToSavepoint`), a commit (`discard`), and none at all
 * after `markCommitted`.
 */
import { StreamsError } from '../errors.ts';
import type { StateWrite } from '../log/log.ts';
import { byteString } from './byte-order.ts';
import type { TaskStorage } from './storage.ts';

/** One key of a store: what it holds now. Belongs to its buffer; others only read it. */
export interface Slot {
  readonly id: string;
  readonly key: Uint8Array;
  /** The value as the store keeps it; `undefined` when the key is not there. */
  bytes: Uint8Array | undefined;
  /** The value decoded, kept by the typed store; `undefined` when not decoded yet. */
  decoded: unknown;
  /** Event time of the last write: the time of its changelog record. */
  timestampMs: number;
  /** Written since the last commit. */
  dirty: boolean;
  /** Written without a changelog record: expired by time, which restoring does by itself. */
  silent: boolean;
}

interface Undo {
  readonly slot: Slot;
  readonly bytes: Uint8Array | undefined;
  readonly decoded: unknown;
  readonly timestampMs: number;
  readonly dirty: boolean;
  readonly silent: boolean;
}

/** Clean slots kept in memory: two generations of half this number. */
const defaultCachedSlots = 20_000;

export class WriteBuffer {
  readonly store: string;
  readonly #storage: TaskStorage;
  readonly #generationSize: number;
  #young = new Map<string, Slot>();
  #old = new Map<string, Slot>();
  #dirty: Slot[] = [];
  #undo: Undo[] = [];
  #dirtyAtSavepoint = 0;
  /** Dirty slots in key order; `undefined` until a range asks for them again. */
  #sorted: Slot[] | undefined;
  /** Changes whenever slots leave the buffer, so that nobody goes on using one that left. */
  generation = 0;

  constructor(store: string, storage: TaskStorage, cachedSlots = defaultCachedSlots) {
    this.store = store;
    this.#storage = storage;
    this.#generationSize = Math.max(1, Math.floor(cachedSlots / 2));
  }

  /** The slot of a key. The same key has the same slot until `generation` changes. */
  slot(key: Uint8Array): Slot {
    const id = byteString(key);
    const young = this.#young.get(id);
    if (young !== undefined) return young;
    const old = this.#old.get(id);
    const slot = old ?? this.#load(id, key);
    if (this.#young.size >= this.#generationSize) this.#turnGeneration();
    this.#young.set(id, slot);
    return slot;
  }

  write(
    slot: Slot,
    bytes: Uint8Array | undefined,
    decoded: unknown,
    timestampMs: number,
    silent = false,
  ): void {
    this.#undo.push({
      slot,
      bytes: slot.bytes,
      decoded: slot.decoded,
      timestampMs: slot.timestampMs,
      dirty: slot.dirty,
      silent: slot.silent,
    });
    slot.bytes = bytes;
    slot.decoded = decoded;
    slot.timestampMs = timestampMs;
    slot.silent = silent;
    if (slot.dirty) return;
    slot.dirty = true;
    this.#dirty.push(slot);
    this.#sorted = undefined;
  }

  /**
   * Entries from `from` (inclusive) to `to` (exclusive), in key order, as they are now: writes made
   * while iterating are not seen.
   */
  *range(
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
  ): Generator<readonly [key: Uint8Array, bytes: Uint8Array]> {
    const written = this.#dirtyBetween(from, to);
    let next = 0;
    for (const entry of this.#read(() => this.#storage.range(this.store, from, to))) {
      const id = byteString(entry[0]);
      let overwritten = false;
      for (; next < written.length; next++) {
        const slot = written[next] as Written;
        if (slot.id > id) break;
        overwritten = slot.id === id;
        if (slot.bytes !== undefined) yield [slot.key, slot.bytes];
      }
      if (!overwritten) yield entry;
    }
    for (; next < written.length; next++) {
      const { key, bytes } = written[next] as Written;
      if (bytes !== undefined) yield [key, bytes];
    }
  }

  /** From here on, `rollbackToSavepoint` takes back what is written. */
  setSavepoint(): void {
    if (this.#undo.length > 0) this.#undo = [];
    this.#dirtyAtSavepoint = this.#dirty.length;
  }

  rollbackToSavepoint(): void {
    for (let at = this.#undo.length - 1; at >= 0; at--) {
      const { slot, ...before } = this.#undo[at] as Undo;
      Object.assign(slot, before);
    }
    this.#undo = [];
    this.#dirty.length = this.#dirtyAtSavepoint;
    this.#sorted = undefined;
  }

  /** Slots written since the last commit, in the order of their first write. */
  get written(): readonly Slot[] {
    return this.#dirty;
  }

  takeWrites(into: StateWrite[]): void {
    for (const { key, bytes } of this.#dirty) {
      into.push({ store: this.store, key, value: bytes ?? null });
    }
  }

  /** The storage now holds what was written. */
  markCommitted(): void {
    for (const slot of this.#dirty) slot.dirty = false;
    this.#dirty = [];
    this.#sorted = undefined;
    this.setSavepoint();
  }

  /** Forgets everything since the last commit. */
  discard(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#dirty = [];
    this.#sorted = undefined;
    this.generation++;
    this.setSavepoint();
  }

  #load(id: string, key: Uint8Array): Slot {
    const bytes = this.#read(() => this.#storage.get(this.store, key));
    return { id, key, bytes, decoded: undefined, timestampMs: -1, dirty: false, silent: false };
  }

  /** Forgets the clean slots of the older generation. Written ones stay until they are committed. */
  #turnGeneration(): void {
    this.#old = this.#young;
    this.#young = new Map(this.#dirty.map((slot) => [slot.id, slot]));
    this.generation++;
  }

  #dirtyBetween(from: Uint8Array | undefined, to: Uint8Array | undefined): Written[] {
    this.#sorted ??= [...this.#dirty].sort((a, b) => (a.id < b.id ? -1 : 1));
    const sorted = this.#sorted;
    const start = from === undefined ? 0 : firstAtOrAfter(sorted, byteString(from));
    const end = to === undefined ? sorted.length : firstAtOrAfter(sorted, byteString(to));
    return sorted.slice(start, end).map(({ id, key, bytes }) => ({ id, key, bytes }));
  }

  /** A storage that fails is no fault of the record in hand: the task fails, not the record. */
  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw new StreamsError('STREAMS_TASK_FAILED', `cannot read store '${this.store}'`, { cause });
    }
  }
}

type Written = Pick<Slot, 'id' | 'key' | 'bytes'>;

function firstAtOrAfter(sorted: readonly Slot[], id: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as Slot).id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
