/**
 * The uncommitted writes of one store, in front of its committed bytes, with a bounded cache of
 * what was read. Reads see both, in the order of the keys' bytes.
 *
 *   write ─▶ dirty ─▶ prepare ─▶ in flight ─▶ markCommitted
 *                                    └─ writing goes on meanwhile, for the commit after it
 *
 * What is dirty or in flight stays in memory: the storage does not have it yet. Three sizes of
 * "undo": a record (`rollbackToSavepoint`), everything since the last commit that succeeded
 * (`discard`), and none at all after `markCommitted`.
 */
import { StreamsError } from '../errors.ts';
import type { StateWrite } from '../log/log.ts';
import { byteString } from './byte-order.ts';
import { hasComeAndGone, type Slot, unencoded } from './slot.ts';
import type { TaskStorage } from './storage.ts';
import { merged, WrittenSlots } from './written-slots.ts';

/** What a slot was before a write. Reused from record to record. */
interface Undo {
  slot: Slot;
  bytes: Uint8Array | undefined;
  decoded: unknown;
  timestampMs: number;
  dirty: boolean;
  silent: boolean;
  held: object | undefined;
}

/** A record that writes more than this many keys does not leave its memory behind. */
const keptUndos = 64;

/** Clean slots kept in memory: two generations of half this number. */
const defaultCachedSlots = 32_768;

export class WriteBuffer {
  readonly store: string;
  readonly #storage: TaskStorage;
  readonly #generationSize: number;
  #young = new Map<string, Slot>();
  #old = new Map<string, Slot>();
  #dirty = new WrittenSlots();
  /** Written for the commit that is in flight. One that was written again is dirty as well. */
  #inFlight = new WrittenSlots();
  readonly #undo: Undo[] = [];
  #undoCount = 0;
  #dirtyAtSavepoint = 0;
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
    const wasAbsent = slot.bytes === undefined;
    slot.bytes = bytes;
    slot.decoded = decoded;
    slot.timestampMs = timestampMs;
    slot.silent = silent;
    if (slot.dirty) return;
    slot.dirty = true;
    slot.isNew = wasAbsent;
    this.#dirty.add(slot);
  }

  /**
   * Entries from `from` (inclusive) to `to` (exclusive), in key order, as they are now: writes made
   * while iterating are not seen.
   */
  *range(
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
  ): Generator<readonly [key: Uint8Array, bytes: Uint8Array]> {
    const written = this.#writtenBetween(from, to);
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
    this.#dirtyAtSavepoint = this.#dirty.count;
  }

  rollbackToSavepoint(): void {
    for (let at = this.#undoCount - 1; at >= 0; at--) {
      const { slot, ...before } = this.#undo[at] as Undo;
      Object.assign(slot, before);
    }
    this.#undoCount = 0;
    this.#dirty.truncate(this.#dirtyAtSavepoint);
  }

  /** Slots written since the last commit was prepared, in the order of their first write. */
  get written(): readonly Slot[] {
    return this.#dirty.all;
  }

  /** What the next commit writes, as bytes. */
  addWrites(into: StateWrite[]): void {
    const { store } = this;
    for (const slot of this.#dirty.all) {
      if (hasComeAndGone(slot)) continue;
      into.push({ store, key: slot.key, value: this.bytesOf(slot) ?? null });
    }
  }

  /** The value of a slot as the store keeps it; `undefined` when the key is not there. */
  bytesOf(slot: Slot): Uint8Array | undefined {
    if (slot.bytes === unencoded) slot.bytes = this.encode(slot.decoded);
    return slot.bytes;
  }

  /** What was written so far is in flight now. Not again until `markCommitted` or `discard`. */
  prepare(): void {
    for (const slot of this.#dirty.all) slot.dirty = false;
    this.#inFlight = this.#dirty;
    this.#dirty = new WrittenSlots();
    this.setSavepoint();
  }

  /** The storage now holds what was in flight. */
  markCommitted(): void {
    for (const slot of this.#inFlight.all) {
      // The storage has the bytes now; who still needs the value has it decoded.
      if (!slot.dirty && slot.bytes !== undefined && slot.decoded !== undefined) {
        slot.bytes = unencoded;
      }
    }
    this.#inFlight = new WrittenSlots();
  }

  /** Forgets everything since the last commit that succeeded. */
  discard(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#dirty = new WrittenSlots();
    this.#inFlight = new WrittenSlots();
    this.generation++;
    this.setSavepoint();
  }

  #remember(slot: Slot): void {
    const { bytes, decoded, timestampMs, dirty, silent, held } = slot;
    const undo = this.#undo[this.#undoCount++];
    if (undo === undefined) {
      this.#undo.push({ slot, bytes, decoded, timestampMs, dirty, silent, held });
      return;
    }
    undo.slot = slot;
    undo.bytes = bytes;
    undo.decoded = decoded;
    undo.timestampMs = timestampMs;
    undo.dirty = dirty;
    undo.silent = silent;
    undo.held = held;
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
      isNew: false,
      silent: false,
      held: undefined,
    };
  }

  /** Forgets the clean slots of the older generation. The others stay until they are committed. */
  #turnGeneration(): void {
    this.#old = this.#young;
    this.#young = new Map();
    for (const slot of this.#inFlight.all) this.#young.set(slot.id, slot);
    for (const slot of this.#dirty.all) this.#young.set(slot.id, slot);
    this.generation++;
  }

  /** As they are now: a copy, because slots change while somebody iterates. */
  #writtenBetween(from: Uint8Array | undefined, to: Uint8Array | undefined): Written[] {
    const slots = merged(this.#inFlight.between(from, to), this.#dirty.between(from, to));
    return slots.map((slot) => ({ id: slot.id, key: slot.key, bytes: this.bytesOf(slot) }));
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
