/** How long to wait before something is tried again: twice as long each time, up to a limit. */

export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  #failures = 0;

  constructor(options: { readonly firstMs: number; readonly maxMs: number }) {
    this.#firstMs = options.firstMs;
    this.#maxMs = options.maxMs;
  }

  /** Tries in a row that failed. */
  get failures(): number {
    return this.#failures;
  }

  failed(): number {
    const waitMs = Math.min(this.#firstMs * 2 ** this.#failures, this.#maxMs);
    this.#failures += 1;
    return waitMs;
  }

  succeeded(): void {
    this.#failures = 0;
  }
}

/** Resolves after the time, or when it is interrupted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
