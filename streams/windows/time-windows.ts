/** Windows of event time. Every bound is in milliseconds since the Unix epoch. */
import { StreamsError } from '../errors.ts';

/** A stretch of event time, in milliseconds since the Unix epoch. */
export interface TimeWindow {
  /** Inclusive. */
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  /** Never set: tells it from a session, which ends inclusively. */
  readonly kind?: 'time';
}

/** Which windows a record belongs to, and how long they live. Whole milliseconds. */
export interface TimeWindows {
  /** Above 0. */
  readonly sizeMs: number;
  /** 1 to `sizeMs`. */
  readonly advanceMs: number;
  /** How far stream time may pass a window's end before the window takes no more records. */
  readonly graceMs: number;
  /**
   * How long a window can be read, counted from its start against stream time.
   *
   * @defaultValue `sizeMs + graceMs`, which is also the least @see Materialized#withRetention
   */
  readonly retentionMs?: number;
}

/** A key in one of its windows. */
export interface Windowed<K, W = TimeWindow> {
  readonly key: K;
  readonly window: W;
}

interface WindowsOptions {
  readonly sizeMs: number;
  /** @defaultValue 0: what comes after a window's end is late */
  readonly graceMs?: number;
  readonly retentionMs?: number;
}

/** Windows side by side: each instant is in exactly one. */
export function tumblingWindows(options: WindowsOptions): TimeWindows {
  return { graceMs: 0, ...options, advanceMs: options.sizeMs };
}

/** Windows that begin every `advanceMs` and overlap. */
export function hoppingWindows(
  options: WindowsOptions & { readonly advanceMs: number },
): TimeWindows {
  return { graceMs: 0, ...options };
}

/**
 * The windows that contain `timestampMs`, earliest first. Start inclusive, end exclusive; none
 * starts before the epoch. At most `sizeMs / advanceMs` of them, rounded up.
 *
 * @throws StreamsError `STREAMS_TOPOLOGY_INVALID` if the windows are out of range.
 * @see TimeWindows#windowsFor
 */
export function windowsFor(windows: TimeWindows, timestampMs: number): TimeWindow[] {
  const { sizeMs, advanceMs } = windows;
  const [fault] = windowFaults(windows);
  if (fault !== undefined) throw new StreamsError('STREAMS_TOPOLOGY_INVALID', fault);
  const found: TimeWindow[] = [];
  const earliest = Math.max(0, timestampMs - sizeMs + advanceMs);
  for (
    let startMs = earliest - (earliest % advanceMs);
    startMs <= timestampMs;
    startMs += advanceMs
  )
    found.push({ startMs, endMs: startMs + sizeMs });
  return found;
}

/** What is wrong with these windows; empty when nothing is. */
export function windowFaults({ sizeMs, advanceMs, graceMs, retentionMs }: TimeWindows): string[] {
  const faults: string[] = [];
  if (!(Number.isSafeInteger(sizeMs) && sizeMs > 0)) {
    faults.push(`windows of ${sizeMs} ms: the size must be a whole number above 0`);
  }
  if (
    faults.length === 0 &&
    !(Number.isSafeInteger(advanceMs) && advanceMs > 0 && advanceMs <= sizeMs)
  ) {
    faults.push(`windows every ${advanceMs} ms: the advance must be in 1..${sizeMs}`);
  }
  if (!(Number.isSafeInteger(graceMs) && graceMs >= 0)) {
    faults.push(`windows with a grace of ${graceMs} ms: it must be a whole number, 0 or more`);
  }
  if (retentionMs !== undefined && !(retentionMs >= sizeMs + graceMs)) {
    faults.push(
      `windows kept for ${retentionMs} ms: the retention must be at least size and grace, ` +
        `${sizeMs + graceMs} ms`,
    );
  }
  return faults;
}
