/** What the analytics routes answer, and the arithmetic on it. */
export interface Minute {
  readonly minute: string;
  readonly count: number;
  readonly amount: number;
}

export interface MinutesAnswer {
  readonly measure: string;
  readonly minutes: readonly Minute[];
}

export interface FunnelStep {
  readonly step: string;
  readonly count: number;
  /** Part of the step before; `null` for the first, and after nothing. */
  readonly ofBefore: number | null;
}

export interface TopItem {
  readonly itemId: string;
  readonly title: string | null;
  readonly views: number;
  readonly carts: number;
  readonly orders: number;
}

/** The current minute so far. */
export interface LiveCounts {
  readonly minute: string;
  readonly searches: number;
  readonly views: number;
  readonly carts: number;
  readonly orders: number;
  /** Minor units. */
  readonly revenue: number;
}

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

const MINUTE_MS = 60_000;

/**
 * One point for each of the last `length` minutes, oldest first. The API leaves out empty minutes;
 * here they are zeros, so that a quiet time looks quiet.
 */
export function lastMinutes(
  minutes: readonly Minute[],
  of: 'count' | 'amount',
  nowMs: number,
  length: number,
): Point[] {
  const values = new Map(minutes.map((each) => [Date.parse(each.minute), each[of]]));
  const lastMs = nowMs - (nowMs % MINUTE_MS);
  return Array.from({ length }, (_, step) => {
    const atMs = lastMs - (length - 1 - step) * MINUTE_MS;
    return { atMs, value: values.get(atMs) ?? 0 };
  });
}

/** With what the stream says of the minute that still runs. */
export function withLive(points: readonly Point[], atMs: number, value: number): Point[] {
  return points.map((point) => (point.atMs === atMs ? { atMs, value } : point));
}

/** The next round number above: 1, 2 or 5 times a power of ten; at least 1. */
export function roundAbove(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}

/** `kafka_lag{topic="a"} 12` lines of Prometheus' text: the values of one measure, by its labels. */
export function samplesOf(text: string, measure: string): { labels: string; value: number }[] {
  return text.split('\n').flatMap((line) => {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([-+.\deE]+|NaN|[+-]Inf)/.exec(line);
    if (found === null || found[1] !== measure) return [];
    return [{ labels: found[2] ?? '', value: Number(found[3]) }];
  });
}

export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** The whole events of a stream so far, and what is left of one that is still coming. */
export function eventsIn(text: string): { events: ServerSentEvent[]; rest: string } {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n');
  const rest = blocks.pop() ?? '';
  const events = blocks.map((block) => {
    const valuesOf = (field: string) =>
      block
        .split('\n')
        .filter((line) => line.startsWith(`${field}:`))
        .map((line) => line.slice(field.length + 1).replace(/^ /, ''));
    return { event: valuesOf('event').at(-1) ?? 'message', data: valuesOf('data').join('\n') };
  });
  // A comment, such as a heartbeat, has no data and is no event.
  return { events: events.filter(({ data }) => data !== ''), rest };
}
