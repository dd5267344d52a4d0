/** Which buckets of users are surely in their table, so that most orders need not say it again. */
import { bucketOf, type Place } from './order-tables.ts';

/** A user and a bucket take about 100 bytes. */
const mostKnown = 50_000;

export class KnownBuckets {
  #generation = 0;
  readonly #known = new Set<string>();

  /** Has `write` write those that are not known, and knows them if that does not fail. */
  async add(
    generation: number,
    places: readonly Place[],
    write: (unknown: readonly Place[]) => Promise<void>,
  ): Promise<void> {
    if (generation !== this.#generation) this.#known.clear();
    this.#generation = generation;
    const unknown = new Map<string, Place>();
    for (const place of places) {
      const name = `${bucketOf(place.createdAt)} ${place.userId}`;
      if (!this.#known.has(name)) unknown.set(name, place);
    }
    await write([...unknown.values()]);
    if (this.#known.size + unknown.size > mostKnown) this.#known.clear();
    for (const name of unknown.keys()) this.#known.add(name);
  }
}
