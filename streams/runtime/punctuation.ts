/**
 * When punctuators fire. Both kinds keep to a grid of `everyMs` and never catch up: whoever missed
 * five ticks is called once. The grid of stream time goes through the epoch, and the first record
 * fires at once; the wall clock's begins one interval after the task was made.
 *
 * Equivalent: PunctuationQueue, PunctuationSchedule.
 */
import { StreamsError } from '../errors.ts';

export interface Punctuation {
  readonly time: 'stream-time' | 'wall-clock';
  readonly everyMs: number;
  readonly punctuate: (nowMs: number) => void;
}

interface Scheduled extends Punctuation {
  nextMs: number;
  /** As of the commit in flight. */
  preparedNextMs: number;
  /** As of the last commit that succeeded: what fired since then fires again after a rollback. */
  committedNextMs: number;
}

export class Punctuations {
  readonly #scheduled: Scheduled[] = [];

  get count(): number {
    return this.#scheduled.length;
  }

  /** `wallClockMs` is when the task is made. */
  add(punctuation: Punctuation, wallClockMs: number): void {
    const { time, everyMs } = punctuation;
    const nextMs = time === 'wall-clock' ? wallClockMs + everyMs : 0;
    const scheduled = { ...punctuation, nextMs, preparedNextMs: nextMs, committedNextMs: nextMs };
    this.#scheduled.push(scheduled);
  }

  /**
   * Fires what is due. Answers how many fired. Before the first record stream time is -1. One that
   * throws is due again.
   */
  fire(time: Punctuation['time'], nowMs: number): number {
    let fired = 0;
    for (const scheduled of this.#scheduled) {
      if (scheduled.time !== time) continue;
      if (time === 'wall-clock') followClock(scheduled, nowMs);
      if (nowMs < scheduled.nextMs) continue;
      scheduled.punctuate(nowMs);
      scheduled.nextMs = nextOnGrid(scheduled.nextMs, scheduled.everyMs, nowMs);
      fired++;
    }
    return fired;
  }

  /** How long until a wall-clock punctuator is due, in milliseconds; `Infinity` when there is none. */
  dueInMs(nowMs: number): number {
    let dueInMs = Number.POSITIVE_INFINITY;
    for (const { time, nextMs } of this.#scheduled) {
      if (time === 'wall-clock') dueInMs = Math.min(dueInMs, Math.max(0, nextMs - nowMs));
    }
    return dueInMs;
  }

  /** What fired so far is part of the commit that begins now. */
  prepare(): void {
    for (const scheduled of this.#scheduled) scheduled.preparedNextMs = scheduled.nextMs;
  }

  committed(): void {
    for (const scheduled of this.#scheduled) scheduled.committedNextMs = scheduled.preparedNextMs;
  }

  rollback(): void {
    for (const scheduled of this.#scheduled) scheduled.nextMs = scheduled.committedNextMs;
  }
}

/** The first point of the grid through `dueMs` that is after `nowMs`. */
function nextOnGrid(dueMs: number, everyMs: number, nowMs: number): number {
  return dueMs + (Math.floor((nowMs - dueMs) / everyMs) + 1) * everyMs;
}

/** A clock that was set back must not silence a punctuator until it has caught up: a new grid. */
function followClock(scheduled: Scheduled, nowMs: number): void {
  const { nextMs, everyMs } = scheduled;
  if (nextMs - nowMs > everyMs) scheduled.nextMs = nowMs + everyMs;
}

/** A punctuator has no record to bury: what it throws fails the task. */
export function failingTask(node: string, punctuation: Punctuation): Punctuation {
  const punctuate = (nowMs: number) => {
    try {
      punctuation.punctuate(nowMs);
    } catch (cause) {
      throw failureWithoutRecord(node, cause);
    }
  };
  return { ...punctuation, punctuate };
}

/** What fails a task when a punctuator is to blame, or an update that one has made. */
export function failureWithoutRecord(node: string, cause: unknown): unknown {
  if (cause instanceof StreamsError && cause.retryable) return cause;
  const message = `the punctuator of '${node}' failed: ${String(cause)}`;
  return new StreamsError('STREAMS_TASK_FAILED', message, { cause });
}
