import fc from 'fast-check';
import { dateOfDay, dayMs, dayOfDate, isTimeZone, timeZone, weekdayOf } from './time-zones.ts';

const utc = (text: string) => Date.parse(`${text}Z`);
const day = (date: string) => dayOfDate(date) ?? Number.NaN;

// Clocks that change at an odd minute, by half an hour, at midnight, by a whole day.
test.each`
  zone                     | at                       | shown
  ${'Asia/Kolkata'}        | ${'2026-11-23T18:29:59'} | ${'2026-11-23T23:59:59'}
  ${'Asia/Kathmandu'}      | ${'2026-11-23T18:15:00'} | ${'2026-11-24T00:00:00'}
  ${'America/St_Johns'}    | ${'2010-03-14T03:30:59'} | ${'2010-03-14T00:00:59'}
  ${'America/St_Johns'}    | ${'2010-03-14T03:31:00'} | ${'2010-03-14T01:01:00'}
  ${'Australia/Lord_Howe'} | ${'2026-04-04T14:59:59'} | ${'2026-04-05T01:59:59'}
  ${'Australia/Lord_Howe'} | ${'2026-04-04T15:00:00'} | ${'2026-04-05T01:30:00'}
  ${'Pacific/Apia'}        | ${'2011-12-30T09:59:59'} | ${'2011-12-29T23:59:59'}
  ${'Pacific/Apia'}        | ${'2011-12-30T10:00:00'} | ${'2011-12-31T00:00:00'}
`('$zone shows $shown at $at UTC', ({ zone, at, shown }) => {
  expect(timeZone(zone).localMs(utc(at))).toBe(utc(shown));
});

test.each`
  zone               | date            | minute  | at                       | why
  ${'Asia/Kolkata'}  | ${'2026-11-23'} | ${1260} | ${'2026-11-23T15:30:00'} | ${'an ordinary day'}
  ${'Europe/Berlin'} | ${'2026-03-29'} | ${150}  | ${'2026-03-29T01:30:00'} | ${'02:30 is left out, so 03:30'}
  ${'Europe/Berlin'} | ${'2026-10-25'} | ${150}  | ${'2026-10-25T00:30:00'} | ${'02:30 comes twice: the first'}
  ${'Pacific/Apia'}  | ${'2011-12-30'} | ${1260} | ${'2011-12-31T07:00:00'} | ${'a day that never was'}
`('minute $minute of $date in $zone is at $at UTC: $why', ({ zone, date, minute, at }) => {
  expect(timeZone(zone).utcMs(day(date), minute)).toBe(utc(at));
});

test('local time and back is the same instant, unless clocks show it twice', () => {
  const zone = fc.constantFrom('Asia/Kolkata', 'America/St_Johns', 'Australia/Lord_Howe', 'UTC');
  const minutes = fc.integer({ min: utc('1990-01-01T00:00') / 60_000, max: 35_000_000 });
  fc.assert(
    fc.property(zone, minutes, (name, minute) => {
      const { localMs, utcMs } = timeZone(name);
      const local = localMs(minute * 60_000);
      const today = Math.floor(local / dayMs);
      const back = utcMs(today, (local - today * dayMs) / 60_000);
      expect(localMs(back)).toBe(local);
      expect(back).toBeLessThanOrEqual(minute * 60_000);
    }),
  );
});

test('days have dates and days of the week', () => {
  fc.assert(
    fc.property(fc.integer({ min: -20_000, max: 60_000 }), (day) => {
      expect(dayOfDate(dateOfDay(day))).toBe(day);
      expect(weekdayOf(day)).toBe(new Date(day * dayMs).getUTCDay() || 7);
    }),
  );
});

test.each(['2026-02-30', '2026-1-1', 'Diwali', ''])('%j is no date', (text) => {
  expect(dayOfDate(text)).toBeUndefined();
});

test('knows which names are time zones', () => {
  expect(isTimeZone('Asia/Kolkata')).toBe(true);
  expect(isTimeZone('Asia/Nowhere')).toBe(false);
  expect(() => timeZone('Asia/Nowhere')).toThrow(/Asia\/Nowhere/);
});
