/**
 * Asks a Redis that one can do without: not for long, and not again for a while when it did not
 * answer, so that a Redis that hangs slows one request and not all of them.
 */

export interface PatienceOptions {
  /** How long an answer may take. */
  readonly patienceMs: number;
  /** How long Redis is not asked after it did not answer. */
  readonly pauseMs: number;
}

export class Patience {
  readonly #options: PatienceOptions;
  #askAgainAtMs = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** `undefined` when there is no answer. Never rejects; a late question is done all the same. */
  async ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    if (performance.now() < this.#askAgainAtMs) return undefined;
    return this.insist(question);
  }

  /** Asks during a pause too. */
  async insist<T>(question: () => Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      // When it was us who were busy, the answer lies there and is read before the next immediate.
      const giveUp = () => setImmediate(() => reject(new Error('Redis is late')));
      timer = setTimeout(giveUp, this.#options.patienceMs);
    });
    try {
      return await Promise.race([question(), late]);
    } catch {
      this.#askAgainAtMs = performance.now() + this.#options.pauseMs;
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}
