/**
 * When punctuators fire. Both kinds keep to a grid of `everyMs` and never catch up: whoever missed
 * five ticks is called once. Stream time starts its grid at the first record; the wall clock starts
 * its grid one interval after the task is made.
 *
 * Equivalent: PunctuationQueue, ProcessorContext#schedule.
 */

export interface Punctuation {
  readonly time: 'stream-time' | 'wall-clock';
  readonly everyMs: number;
  readonly punctuate: (nowMs: number) => void;
}

interface Scheduled extends Punctuation {
  nextMs: number | undefined;
}

export class Punctuations {
  readonly #scheduled: Scheduled[] = [];

  get count(): number {
    return this.#scheduled.length;
  }

  /** `wallClockMs` is when the task is made. */
  add(punctuation: Punctuation, wallClockMs: number): void {
    const { time, everyMs } = punctuation;
    const nextMs = time === 'wall-clock' ? wallClockMs + everyMs : undefined;
    this.#scheduled.push({ ...punctuation, nextMs });
  }

  /** Fires what is due. Answers how many fired. Before the first record stream time is -1. */
  fire(time: Punctuation['time'], nowMs: number): number {
    let fired = 0;
    for (const scheduled of this.#scheduled) {
      if (scheduled.time !== time || nowMs < 0) continue;
      const dueMs = scheduled.nextMs ?? nowMs;
      if (nowMs < dueMs) continue;
      scheduled.nextMs = nextOnGrid(dueMs, scheduled.everyMs, nowMs);
      scheduled.punctuate(nowMs);
      fired++;
    }
    return fired;
  }
}

/** The first point of the grid through `dueMs` that is after `nowMs`. */
function nextOnGrid(dueMs: number, everyMs: number, nowMs: number): number {
  return dueMs + (Math.floor((nowMs - dueMs) / everyMs) + 1) * everyMs;
}
