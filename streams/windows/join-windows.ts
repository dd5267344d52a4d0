/** Which records of two streams are near enough to be joined. Times are event time. */

/**
 * A record of the left stream is joined with those of the right that lie from `beforeMs` before it
 * to `afterMs` after it, both inclusive. Whole milliseconds, 0 or more.
 */
export interface JoinWindows {
  readonly beforeMs: number;
  readonly afterMs: number;
  /**
   * How far stream time may pass the end of a record's window before the record is joined no more,
   * and is without a match if it had none.
   */
  readonly graceMs: number;
}

/** Before and after as seen from the left stream; `graceMs` is 0 unless it is given. */
export function joinWindows(options: {
  readonly beforeMs: number;
  readonly afterMs: number;
  /** @defaultValue 0: a window is closed when stream time has passed its end */
  readonly graceMs?: number;
}): JoinWindows {
  return { graceMs: 0, ...options };
}

/** What is wrong with these windows; empty when nothing is. */
export function joinWindowFaults(windows: JoinWindows): string[] {
  const { beforeMs, afterMs, graceMs } = windows;
  return Object.entries({ before: beforeMs, after: afterMs, grace: graceMs })
    .filter(([, ms]) => !(Number.isSafeInteger(ms) && ms >= 0))
    .map(([what, ms]) => `join windows of ${ms} ms ${what}: give a whole number, 0 or more`);
}
