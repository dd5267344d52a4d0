/** Windows of event time. Every bound is in milliseconds since the Unix epoch. */

export interface TimeWindow {
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
}

export interface TimeWindows {
  readonly sizeMs: number;
  readonly advanceMs: number;
  /** How far stream time may pass a window's end before the window takes no more records. */
  readonly graceMs: number;
}

export interface Windowed<K> {
  readonly key: K;
  readonly window: TimeWindow;
}
