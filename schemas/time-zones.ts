/**
 * Local time in any IANA time zone, fast enough for every hit of a search. `Intl` knows the zones but
 * takes microseconds to answer, so its answers are kept: an offset for each zone and hour.
 *
 * A local day is a number: days since 1970-01-01 on the calendar of the place.
 */

export const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** More than a year of hours: what a shop asks for stays, what a replay asks for does not pile up. */
const maxOffsets = 10_000;

export interface TimeZone {
  readonly name: string;
  /** What local clocks show, as milliseconds that read as UTC. Local = UTC + offset. */
  localMs(utcMs: number): number;
  /**
   * When clocks show `minute` of the local day `day`. Shown twice (clocks go back): the first time.
   * Never shown (clocks go forward): as much later as they went forward.
   */
  utcMs(day: number, minute: number): number;
}

const zones = new Map<string, TimeZone>();

/** @throws RangeError when `name` is no IANA time zone that this machine knows. */
export function timeZone(name: string): TimeZone {
  const known = zones.get(name);
  if (known) return known;
  const opened = openTimeZone(name);
  zones.set(name, opened);
  return opened;
}

/** Whether `name` is a time zone: `Asia/Kolkata` is, `Asia/Nowhere` is not. */
export function isTimeZone(name: string): boolean {
  try {
    timeZone(name);
    return true;
  } catch {
    return false;
  }
}

/** ISO day of the week of a local day: 1 is Monday, 7 Sunday. */
export function weekdayOf(day: number): number {
  // 1970-01-01 was a Thursday.
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** `2026-01-26` as a local day; `undefined` when it is no date. */
export function dayOfDate(date: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined;
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(ms) || dateOfDay(ms / dayMs) !== date ? undefined : ms / dayMs;
}

/** A local day as `2026-01-26`. */
export function dateOfDay(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

function openTimeZone(name: string): TimeZone {
  const offsetAt = offsets(name);
  const localMs = (utcMs: number) => utcMs + offsetAt(utcMs);

  return {
    name,
    localMs,
    utcMs(day, minute) {
      const local = day * dayMs + minute * minuteMs;
      // The offsets a day before and after: clocks change at most once between them.
      const before = local - offsetAt(local - dayMs);
      const after = local - offsetAt(local + dayMs);
      if (after < before && localMs(after) === local) return after;
      if (localMs(before) === local) return before;
      return localMs(after) === local ? after : before;
    },
  };
}

/** The offset of a zone at an instant, in milliseconds; east of Greenwich is positive. */
function offsets(name: string): (utcMs: number) => number {
  const exactOffset = intlOffset(name);
  /** By hour since the epoch; `undefined` when clocks change within that hour. */
  const known = new Map<number, number | undefined>();

  return (utcMs) => {
    const hour = Math.floor(utcMs / hourMs);
    const offset = known.get(hour);
    if (offset !== undefined) return offset;
    if (known.has(hour)) return exactOffset(utcMs);

    if (known.size >= maxOffsets) known.clear();
    const atStart = exactOffset(hour * hourMs);
    const atEnd = exactOffset((hour + 1) * hourMs - 1);
    known.set(hour, atStart === atEnd ? atStart : undefined);
    return atStart === atEnd ? atStart : exactOffset(utcMs);
  };
}

function intlOffset(name: string): (utcMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

  return (utcMs) => {
    const shown: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(utcMs)) shown[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
    const local = Date.UTC(year, month - 1, day, hour, minute, second);
    return local - Math.floor(utcMs / 1_000) * 1_000;
  };
}
