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
  /**
   * The value as the store keeps it; `undefined` when the key is not there; `unencoded` until
   * somebody needs the bytes, and again when they are committed: ask `WriteBuffer#bytesOf`.
   */
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

/** What a slot was before a write. Reused from record to record. */
interface Undo {
  slot: Slot;
  bytes: Uint8Array | undefined;
  decoded: unknown;
  timestampMs: number;
  dirty: boolean;
  silent: boolean;
}

/** A record that writes more than this many keys does not leave its memory behind. */
const keptUndos = 64;

/** Up to this many slots, inserting each in its place is cheaper than sorting all. */
const insertedAtMost = 32;

/** Stands for bytes that are not made yet: they follow from the decoded value. */
export const unencoded: Uint8Array = new Uint8Array(0);

/** Clean slots kept in memory: two generations of half this number. */
const defaultCachedSlots = 32_768;

export class WriteBuffer {
  readonly store: string;
  readonly #storage: TaskStorage;
  readonly #generationSize: number;
  #young = new Map<string, Slot>();
  #old = new Map<string, Slot>();
  #dirty: Slot[] = [];
  readonly #undo: Undo[] = [];
  #undoCount = 0;
  #dirtyAtSavepoint = 0;
  /** The first so many dirty slots in key order; `undefined` until a range asks for them. */
  #sorted: Slot[] | undefined;
  /** Makes the bytes of a value that was written as `unencoded`. */
  encode: (decoded: unknown) => Uint8Array = () => {
    throw new StreamsError('STREAMS_TASK_FAILED', `store '${this.store}' writes no such values`);
  };
  /** Changes whenever slots leave the buffer, so that nobody goes on using one that left. */
  generation = 0;

  constructor(store: string, storage: TaskStorage, cachedSlots = defaultCachedSlots) {
    this.store = store;
    this.#storage = storage;
    this.#generationSize = Math.max(1, Math.floor(cachedSlots / 2));
  }

  /**
   * The slot of a key. The same key has the same slot until `generation` changes. Of a key that is
   * known to be new, the storage is not asked.
   */
  slot(key: Uint8Array, isNew = false): Slot {
    const id = byteString(key);
    const young = this.#young.get(id);
    if (young !== undefined) return young;
    const old = this.#old.get(id);
    const slot = old ?? this.#load(id, key, isNew);
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
    this.#remember(slot);
    slot.bytes = bytes;
    slot.decoded = decoded;
    slot.timestampMs = timestampMs;
    slot.silent = silent;
    if (slot.dirty) return;
    slot.dirty = true;
    this.#dirty.push(slot);
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
    this.#undoCount = 0;
    if (this.#undo.length > keptUndos) this.#undo.length = keptUndos;
    this.#dirtyAtSavepoint = this.#dirty.length;
  }

  rollbackToSavepoint(): void {
    for (let at = this.#undoCount - 1; at >= 0; at--) {
      const { slot, ...before } = this.#undo[at] as Undo;
      Object.assign(slot, before);
    }
    this.#undoCount = 0;
    this.#dirty.length = this.#dirtyAtSavepoint;
    this.#sorted = undefined;
  }

  /** Slots written since the last commit, in the order of their first write. */
  get written(): readonly Slot[] {
    return this.#dirty;
  }

  takeWrites(into: StateWrite[]): void {
    const { store } = this;
    for (const slot of this.#dirty) {
      into.push({ store, key: slot.key, value: this.bytesOf(slot) ?? null });
    }
  }

  /** The value of a slot as the store keeps it; `undefined` when the key is not there. */
  bytesOf(slot: Slot): Uint8Array | undefined {
    if (slot.bytes === unencoded) slot.bytes = this.encode(slot.decoded);
    return slot.bytes;
  }

  /** The storage now holds what was written. */
  markCommitted(): void {
    for (const slot of this.#dirty) {
      slot.dirty = false;
      // The storage has the bytes now; who still needs the value has it decoded.
      if (slot.bytes !== undefined && slot.decoded !== undefined) slot.bytes = unencoded;
    }
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

  #remember(slot: Slot): void {
    const { bytes, decoded, timestampMs, dirty, silent } = slot;
    const undo = this.#undo[this.#undoCount++];
    if (undo === undefined) {
      this.#undo.push({ slot, bytes, decoded, timestampMs, dirty, silent });
      return;
    }
    undo.slot = slot;
    undo.bytes = bytes;
    undo.decoded = decoded;
    undo.timestampMs = timestampMs;
    undo.dirty = dirty;
    undo.silent = silent;
  }

  #load(id: string, key: Uint8Array, isNew: boolean): Slot {
    const bytes = isNew ? undefined : this.#read(() => this.#storage.get(this.store, key));
    // A copy: an encoder's small buffers share a block of memory, which a view would keep alive.
    const own = new Uint8Array(key);
    return {
      id,
      key: own,
      bytes,
      decoded: undefined,
      timestampMs: -1,
      dirty: false,
      silent: false,
    };
  }

  /** Forgets the clean slots of the older generation. Written ones stay until they are committed. */
  #turnGeneration(): void {
    this.#old = this.#young;
    this.#young = new Map(this.#dirty.map((slot) => [slot.id, slot]));
    this.generation++;
  }

  /** A few slots that are new since the last range are put in their places; many are sorted. */
  #sortedDirty(): Slot[] {
    const dirty = this.#dirty;
    const sorted = this.#sorted;
    if (sorted === undefined || dirty.length - sorted.length > insertedAtMost) {
      this.#sorted = [...dirty].sort((a, b) => (a.id < b.id ? -1 : 1));
      return this.#sorted;
    }
    while (sorted.length < dirty.length) {
      const slot = dirty[sorted.length] as Slot;
      sorted.splice(firstAtOrAfter(sorted, slot.id), 0, slot);
    }
    return sorted;
  }

  #dirtyBetween(from: Uint8Array | undefined, to: Uint8Array | undefined): Written[] {
    const sorted = this.#sortedDirty();
    const start = from === undefined ? 0 : firstAtOrAfter(sorted, byteString(from));
    const end = to === undefined ? sorted.length : firstAtOrAfter(sorted, byteString(to));
    return sorted
      .slice(start, end)
      .map((slot) => ({ id: slot.id, key: slot.key, bytes: this.bytesOf(slot) }));
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
