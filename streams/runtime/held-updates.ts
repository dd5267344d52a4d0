/**
 * Sends on what the caches of a task hold back: everything when a commit is prepared, the oldest when
 * they hold too much. A cache comes before those downstream of it, which may hold what it sends.
 */
import type { CacheBudget } from '../state/cache-budget.ts';
import type { HeldUpdate, UpdateCache } from '../state/update-cache.ts';

export interface HeldUpdatesOptions<Origin> {
  /** In the order of the topology, parents first. */
  readonly caches: readonly UpdateCache<Origin>[];
  /** Shared by the tasks of a thread. */
  readonly budget: CacheBudget | undefined;
  /** Does `send` wholly or not at all, in the surroundings of `origin`, for the store of that name. */
  readonly attempt: (origin: Origin, store: string, send: () => void) => void;
  readonly setSavepoint: () => void;
}

export class HeldUpdates<Origin> {
  readonly #options: HeldUpdatesOptions<Origin>;

  constructor(options: HeldUpdatesOptions<Origin>) {
    this.#options = options;
  }

  /** @throws what `attempt` throws: then that update and those behind it are still held. */
  sendAll(): void {
    for (const cache of this.#options.caches) {
      for (let held = cache.oldest(); held !== undefined; held = cache.oldest()) {
        this.#send(cache, held);
      }
    }
  }

  /** Makes room where most is held. What other tasks hold, they see to themselves. */
  sendExcess(): void {
    const { caches, budget } = this.#options;
    while (budget?.isExceeded) {
      const [first, ...others] = caches;
      if (first === undefined) return;
      const fullest = others.reduce((a, b) => (b.sizeBytes > a.sizeBytes ? b : a), first);
      const held = fullest.oldest();
      if (held === undefined) return;
      this.#send(fullest, held);
    }
  }

  #send(cache: UpdateCache<Origin>, held: HeldUpdate<Origin>): void {
    // A row that came and went since the last commit was never there for anybody downstream.
    const isNews = held.newRow !== undefined || held.oldRow !== undefined;
    if (isNews) {
      this.#options.attempt(held.origin, cache.store, () => cache.send(held));
      cache.sent++;
    }
    cache.release(held);
    this.#options.setSavepoint();
  }
}
