/** Sessions: records of one key that follow each other within a gap. Times are event time. */

/** The stretch of time of one session, in milliseconds since the Unix epoch. */
export interface SessionWindow {
  /** The time of its first record. */
  readonly startMs: number;
  /** The time of its last record: inclusive, where the end of a `TimeWindow` is exclusive. */
  readonly endMs: number;
  /** Never set: tells it from a `TimeWindow`. */
  readonly kind?: 'session';
}

/** Which records make a session, and how long sessions live. Whole milliseconds. */
export interface SessionWindows {
  /** Above 0. Records of a key that are at most so far apart are in one session. */
  readonly inactivityGapMs: number;
  /** How far stream time may pass end and gap of a session before it takes no more records. */
  readonly graceMs: number;
  /**
   * How long a session can be read, counted from its end against stream time.
   *
   * @defaultValue `inactivityGapMs + graceMs`, which is also the least @see
   * Materialized#withRetention
   */
  readonly retentionMs?: number;
}

/** A session for each burst of a key's records; `graceMs` is 0 unless it is given. */
export function sessionWindows(options: {
  readonly inactivityGapMs: number;
  /** @defaultValue 0: a session is over when stream time has passed its end by the gap */
  readonly graceMs?: number;
  readonly retentionMs?: number;
}): SessionWindows {
  return { graceMs: 0, ...options };
}

/** How long a session has to be kept: as long as it may take records, or longer if so declared. */
export function sessionRetentionMs(windows: SessionWindows): number {
  return windows.retentionMs ?? windows.inactivityGapMs + windows.graceMs;
}

/** What is wrong with these windows; empty when nothing is. */
export function sessionWindowFaults(windows: SessionWindows): string[] {
  const { inactivityGapMs, graceMs, retentionMs } = windows;
  const faults: string[] = [];
  if (!(Number.isSafeInteger(inactivityGapMs) && inactivityGapMs > 0)) {
    faults.push(`sessions with a gap of ${inactivityGapMs} ms: it must be a whole number above 0`);
  }
  if (!(Number.isSafeInteger(graceMs) && graceMs >= 0)) {
    faults.push(`sessions with a grace of ${graceMs} ms: it must be a whole number, 0 or more`);
  }
  const least = inactivityGapMs + graceMs;
  if (retentionMs !== undefined && !(retentionMs >= least)) {
    faults.push(
      `sessions kept for ${retentionMs} ms: the retention must be at least gap and grace, ` +
        `${least} ms`,
    );
  }
  return faults;
}
