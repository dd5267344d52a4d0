/**
 * The slots that were written for one commit: in the order of their first write, and in the order of
 * their keys once somebody asks for a range.
 */
import { byteString } from './byte-order.ts';
import type { Slot } from './slot.ts';

/** Up to this many slots, inserting each in its place is cheaper than sorting all. */
const insertedAtMost = 32;

export class WrittenSlots {
  readonly #slots: Slot[] = [];
  /** The first so many slots in key order; `undefined` until a range asks for them. */
  #sorted: Slot[] | undefined;

  /** In the order of their first write. */
  get all(): readonly Slot[] {
    return this.#slots;
  }

  get count(): number {
    return this.#slots.length;
  }

  /** A slot that is not here yet. */
  add(slot: Slot): void {
    this.#slots.push(slot);
  }

  /** Forgets the slots after the first `count`. */
  truncate(count: number): void {
    if (count === this.#slots.length) return;
    this.#slots.length = count;
    this.#sorted = undefined;
  }

  /** From `from` (inclusive) to `to` (exclusive), in key order. */
  between(from: Uint8Array | undefined, to: Uint8Array | undefined): Slot[] {
    const sorted = this.#inOrder();
    const start = from === undefined ? 0 : firstAtOrAfter(sorted, byteString(from));
    const end = to === undefined ? sorted.length : firstAtOrAfter(sorted, byteString(to));
    return sorted.slice(start, end);
  }

  /** A few slots that are new since the last range are put in their places; many are sorted. */
  #inOrder(): Slot[] {
    const slots = this.#slots;
    const sorted = this.#sorted;
    if (sorted === undefined || slots.length - sorted.length > insertedAtMost) {
      this.#sorted = [...slots].sort((a, b) => (a.id < b.id ? -1 : 1));
      return this.#sorted;
    }
    while (sorted.length < slots.length) {
      const slot = slots[sorted.length] as Slot;
      sorted.splice(firstAtOrAfter(sorted, slot.id), 0, slot);
    }
    return sorted;
  }
}

/** Two lists in key order as one; a slot that is in both is there once. */
export function merged(a: Slot[], b: Slot[]): Slot[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const all: Slot[] = [];
  let nextA = 0;
  for (const slot of b) {
    for (; nextA < a.length && (a[nextA] as Slot).id < slot.id; nextA++) all.push(a[nextA] as Slot);
    if (a[nextA] === slot) nextA++;
    all.push(slot);
  }
  for (; nextA < a.length; nextA++) all.push(a[nextA] as Slot);
  return all;
}

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
