/** A view by key in memory. */
import { decodeCursor, encodeCursor } from '#views/cursor';
import type { Page, PageRequest } from '#views/view';

export class FakeTable<K, V> {
  readonly rows = new Map<K, V>();
  readonly #listeners = new Set<() => void>();

  async get(key: K): Promise<V | undefined> {
    return this.rows.get(key);
  }

  /** In the order asked. */
  async getMany(keys: readonly K[]): Promise<readonly V[]> {
    return keys.flatMap((key) => {
      const value = this.rows.get(key);
      return value === undefined ? [] : [value];
    });
  }

  /** `undefined` deletes the key. */
  put(key: K, value: V | undefined): void {
    if (value === undefined) this.rows.delete(key);
    else this.rows.set(key, value);
    for (const listener of this.#listeners) listener();
  }

  onApplied(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export function pageOf<T>(
  all: readonly T[],
  { limit, cursor }: PageRequest,
  idOf: (of: T) => string,
): Page<T> {
  const [after] = cursor === undefined ? [undefined] : decodeCursor(cursor, ['string']);
  const start = after === undefined ? 0 : all.findIndex((each) => idOf(each) === after) + 1;
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  const more = start + limit < all.length && last !== undefined;
  return { items, nextCursor: more ? encodeCursor([idOf(last)]) : null };
}
