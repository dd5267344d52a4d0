/**
 * Holds the updates of a table's rows back, so that of several updates of one key only the newest is
 * sent on, with the old value as of the last one that was sent. Reading is not its business: the
 * store has every update at once.
 *
 * What is held is marked in the slot of its key: no second map, no second encoding, and what undoes a
 * slot takes the mark back too.
 *
 * Equivalent: NamedCache with CachingKeyValueStore and CachingWindowStore.
 */
import type { Header } from '../record.ts';
import type { CacheBudget } from './cache-budget.ts';
import { type Slot, unencoded } from './slot.ts';
import type { TimestampedValue } from './store.ts';

type Row = TimestampedValue<unknown>;

/** An update of a row. Self-contained: the slot may be written again before it is sent on. */
export interface TableUpdate {
  readonly slot: Slot;
  readonly key: unknown;
  /** `undefined`: the row was deleted. */
  readonly newRow: Row | undefined;
  /** As those downstream know it; `undefined`: they know of none. */
  readonly oldRow: Row | undefined;
  readonly timestampMs: number;
  readonly headers: readonly Header[] | undefined;
}

/** The newest update of a row that nobody downstream has seen. */
export interface HeldUpdate<Origin> extends TableUpdate {
  /** What made the update. */
  readonly origin: Origin;
  readonly sizeBytes: number;
}

/** Objects around an update: an estimate, like Kafka Streams' own. */
const overheadBytes = 160;

/** Stands for the bytes of a row that are not made yet: its time, and a number. */
const unencodedBytes = 16;

/** Superseded updates are cleared away when there are so many, and most are superseded. */
const clearedFrom = 1_024;

export class UpdateCache<Origin> {
  readonly store: string;
  readonly #budget: CacheBudget;
  readonly #origin: () => Origin;
  /** Sends an update on; set by the operator that writes the store. */
  send: (update: TableUpdate) => void = () => {};
  /** Updates that came in since the task was made. */
  updates = 0;
  /** Updates that went out. */
  sent = 0;
  /** In the order of their arrival; one that a newer one has superseded is no longer its slot's. */
  #held: HeldUpdate<Origin>[] = [];
  #first = 0;
  #count = 0;
  #sizeBytes = 0;
  #savepoint = { length: 0, count: 0, sizeBytes: 0 };

  constructor(store: string, budget: CacheBudget, origin: () => Origin) {
    this.store = store;
    this.#budget = budget;
    this.#origin = origin;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Takes an update that was just written to its slot. */
  hold(update: TableUpdate): void {
    const { slot, key, newRow, timestampMs, headers } = update;
    const former = slot.held as HeldUpdate<Origin> | undefined;
    const oldRow = former === undefined ? update.oldRow : former.oldRow;
    const sizeBytes = estimate(slot);
    const origin = this.#origin();
    const held = { slot, key, newRow, oldRow, timestampMs, headers, origin, sizeBytes };
    slot.held = held;
    this.#held.push(held);
    this.updates++;
    if (former === undefined) this.#count++;
    this.#weigh(sizeBytes - (former?.sizeBytes ?? 0));
  }

  /** Of the updates that are held, the one of the key that was updated least recently. */
  oldest(): HeldUpdate<Origin> | undefined {
    for (; this.#first < this.#held.length; this.#first++) {
      const held = this.#held[this.#first] as HeldUpdate<Origin>;
      if (held.slot.held === held) return held;
    }
    return undefined;
  }

  /** It is held no longer. A savepoint must follow. */
  release(held: HeldUpdate<Origin>): void {
    held.slot.held = undefined;
    this.#count--;
    this.#weigh(-held.sizeBytes);
  }

  /** From here on, `rollbackToSavepoint` takes back what is held; the slots see to themselves. */
  setSavepoint(): void {
    const { length } = this.#held;
    if (length > 0 && this.#count === 0) this.#clear();
    else if (length >= clearedFrom && length > 4 * this.#count) this.#clear();
    this.#savepoint.length = this.#held.length;
    this.#savepoint.count = this.#count;
    this.#savepoint.sizeBytes = this.#sizeBytes;
  }

  rollbackToSavepoint(): void {
    this.#held.length = this.#savepoint.length;
    this.#count = this.#savepoint.count;
    this.#weigh(this.#savepoint.sizeBytes - this.#sizeBytes);
  }

  /** Forgets everything, with the slots. */
  discard(): void {
    this.#held = [];
    this.#first = 0;
    this.#count = 0;
    this.#weigh(-this.#sizeBytes);
    this.setSavepoint();
  }

  #clear(): void {
    this.#held = this.#held.filter((held) => held.slot.held === held);
    this.#first = 0;
  }

  #weigh(bytes: number): void {
    this.#sizeBytes += bytes;
    this.#budget.usedBytes += bytes;
  }
}

function estimate({ key, bytes }: Slot): number {
  const valueBytes = bytes === unencoded ? unencodedBytes : (bytes?.length ?? 0);
  return key.length + valueBytes + overheadBytes;
}
