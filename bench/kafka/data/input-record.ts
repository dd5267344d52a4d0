/** A record of an input topic, as it is loaded. */
export interface InputRecord {
  /** Without the prefix of the run. */
  readonly topic: string;
  readonly key: string;
  readonly value: Uint8Array;
  readonly timestampMs: number;
}

/** How much data a run has, and where its event time begins. */
export interface DataSize {
  readonly records: number;
  readonly keys: number;
  /** Nexmark events in a second of event time. */
  readonly eventsPerSecond: number;
  /** A multiple of 10 seconds, not long ago: a windowed changelog drops what is old. */
  readonly baseMs: number;
}

/** The latest multiple of ten seconds from which `records`, 1 ms apart, end before now. */
export function baseFor(records: number, nowMs: number): number {
  const startMs = nowMs - records;
  return startMs - (startMs % 10_000);
}
