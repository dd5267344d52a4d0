/**
 * Reads of whichever generation of a view is live. Another process may make another one live at any
 * time, and drop the tables of the one before: a read is of one generation, the one that was live when
 * it began or later, and never fails because of that.
 */
import { isMissingTable } from './cassandra-errors.ts';
import type { ViewRegister } from './view-register.ts';

export class LiveReads {
  readonly #register: ViewRegister;
  #known: number | undefined;

  constructor(register: ViewRegister) {
    this.#register = register;
  }

  /** Asks which generation is live and reads the one that was so last at the same time. */
  async read<T>(query: (generation: number) => Promise<T>): Promise<T> {
    let failed: number | undefined;
    for (;;) {
      const guess = this.#known;
      const [live, found] = await Promise.all([
        this.#register.live(),
        guess === undefined ? undefined : outcomeOf(query(guess)),
      ]);
      this.#known = live;
      const outcome = found !== undefined && guess === live ? found : await outcomeOf(query(live));
      if ('value' in outcome) return outcome.value;
      // Dropped after we had asked: the next look finds another one.
      if (!isMissingTable(outcome.error) || failed === live) throw outcome.error;
      failed = live;
    }
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

async function outcomeOf<T>(promise: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}
