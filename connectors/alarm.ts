/** A loop's sleep that others can end: because there is work, or because it is to stop. */
import type { Timing } from './timing.ts';

export class Alarm {
  readonly #timing: Timing;
  #sleeping: AbortController | undefined;
  #rung = false;
  #stopped = false;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** There is work: the sleep ends, or the next one does not begin. */
  ring(): void {
    this.#rung = true;
    this.#sleeping?.abort();
  }

  /** No sleep lasts from now on. */
  stop(): void {
    this.#stopped = true;
    this.#sleeping?.abort();
  }

  async sleep(ms: number): Promise<void> {
    if (!this.#rung && !this.#stopped) {
      const sleeping = new AbortController();
      this.#sleeping = sleeping;
      await this.#timing.sleep(ms, sleeping.signal);
      this.#sleeping = undefined;
    }
    this.#rung = false;
  }
}
