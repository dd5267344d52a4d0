/** Tells the readers of one view, in this process, that changes were applied to it. */
import type { ViewReader } from './views/view.ts';

export class AppliedSignal implements ViewReader {
  readonly #listeners = new Set<() => void>();

  onApplied(listener: () => void): () => void {
    const own = () => listener(); // So that the same function can listen twice.
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
