/** A map that forgets what was used longest ago when it is full. */
export class BoundedCache<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What is cached, or what `load` answers; an `undefined` is not kept. */
  get(key: K, load: (key: K) => V | undefined): V | undefined {
    const cached = this.#entries.get(key);
    const value = cached ?? load(key);
    if (value === undefined) return undefined;
    if (cached !== undefined) this.#entries.delete(key); // A Map keeps the order of insertion.
    this.#entries.set(key, value);
    if (this.#entries.size > this.#capacity) this.#forgetOldest();
    return value;
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  #forgetOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      return;
    }
  }
}
