/**
 * Days of a parcel: when a warehouse hands it over, and when it is at the door. Working days,
 * holidays and the cut-off are the warehouse's, in its own time zone.
 *
 * What was computed for a `DispatchRules` object is kept for as long as the caller keeps the object:
 * pass the same one again, not a copy.
 */
import type { DispatchRules } from './serviceability.ts';
import {
  dateOfDay,
  dayMs,
  dayOfDate,
  minuteMs,
  type TimeZone,
  timeZone,
  weekdayOf,
} from './time-zones.ts';

/** Days of the week as bits: bit 1 is Monday, bit 7 Sunday. */
export type WeekdaySet = number;

export interface DeliveryDay {
  /** `2026-11-25`, on the calendar of the warehouse's place. */
  readonly date: string;
  /** 21:00 of that day there, milliseconds since the Unix epoch. */
  readonly endMs: number;
}

/** Couriers deliver until nine in the evening. */
const lastDeliveryMinute = 21 * 60;

/** A warehouse that is closed for longer promises nothing; this also ends the search. */
const longestClosureDays = 366;

/** Days whose end is kept for a warehouse: more than the promises of a month. */
const maxKeptDays = 64;

interface WorkingCalendar {
  readonly zone: TimeZone;
  readonly workingDays: WeekdaySet;
  readonly holidays: ReadonlySet<number>;
  readonly deliveryDays: Map<number, DeliveryDay>;
  /** The last answer of `handOverDay`, and the day and side of the cut-off that it holds for. */
  answeredFor: number;
  answer: number | undefined;
}

const workingCalendars = new WeakMap<DispatchRules, WorkingCalendar>();

/** ISO days as a set; what is no day of the week is left out. */
export function weekdaySet(days: readonly number[]): WeekdaySet {
  return days.reduce((set, day) => (day >= 1 && day <= 7 ? set | (1 << day) : set), 0);
}

/**
 * The local day on which goods ordered now leave the warehouse: `handlingDays` working days after
 * the first working day that the order is in time for. At the minute of the cut-off it is too late.
 * `undefined`: it is not active, or never open.
 *
 * @throws RangeError when its time zone is unknown.
 */
export function handOverDay(rules: DispatchRules, nowMs: number): number | undefined {
  if (!rules.active) return undefined;
  const calendar = workingCalendarOf(rules);
  const localMs = calendar.zone.localMs(nowMs);
  const today = Math.floor(localMs / dayMs);
  const isInTime = localMs - today * dayMs < rules.cutOffMinute * minuteMs;

  const question = today * 2 + (isInTime ? 0 : 1);
  if (calendar.answeredFor !== question) {
    calendar.answer = daysLater(calendar, isInTime ? today : today + 1, rules.handlingDays);
    calendar.answeredFor = question;
  }
  return calendar.answer;
}

/**
 * The first day from `day` on that is in `deliveryDays` and has not ended.
 * `undefined` when no day of the week is.
 */
export function deliveryDayFrom(
  rules: DispatchRules,
  day: number,
  deliveryDays: WeekdaySet,
  nowMs: number,
): DeliveryDay | undefined {
  const calendar = workingCalendarOf(rules);
  // Eight: when the first is today and it is past nine, the same day of next week may be the next.
  for (let candidate = day; candidate <= day + 7; candidate += 1) {
    if ((deliveryDays & (1 << weekdayOf(candidate))) === 0) continue;
    const delivery = endOfDay(calendar, candidate);
    if (delivery.endMs > nowMs) return delivery;
  }
  return undefined;
}

function workingCalendarOf(rules: DispatchRules): WorkingCalendar {
  const known = workingCalendars.get(rules);
  if (known) return known;

  const calendar: WorkingCalendar = {
    zone: timeZone(rules.timeZone),
    workingDays: weekdaySet(rules.workingDays),
    holidays: new Set(rules.holidays.flatMap((date) => dayOfDate(date) ?? [])),
    deliveryDays: new Map(),
    answeredFor: Number.NaN,
    answer: undefined,
  };
  workingCalendars.set(rules, calendar);
  return calendar;
}

/** `count` working days after the first working day from `from` on. */
function daysLater(calendar: WorkingCalendar, from: number, count: number): number | undefined {
  let day = workingDayFrom(calendar, from);
  for (let left = count; left > 0 && day !== undefined; left -= 1) {
    day = workingDayFrom(calendar, day + 1);
  }
  return day;
}

function workingDayFrom(
  { workingDays, holidays }: WorkingCalendar,
  from: number,
): number | undefined {
  for (let day = from; day <= from + longestClosureDays; day += 1) {
    if ((workingDays & (1 << weekdayOf(day))) !== 0 && !holidays.has(day)) return day;
  }
  return undefined;
}

function endOfDay({ zone, deliveryDays }: WorkingCalendar, day: number): DeliveryDay {
  const known = deliveryDays.get(day);
  if (known) return known;

  if (deliveryDays.size >= maxKeptDays) deliveryDays.clear();
  const delivery = { date: dateOfDay(day), endMs: zone.utcMs(day, lastDeliveryMinute) };
  deliveryDays.set(day, delivery);
  return delivery;
}
