import fc from 'fast-check';
import { eventsIn, lastMinutes, roundAbove, samplesOf, withLive } from './reports.ts';

const nowMs = Date.parse('2026-11-23T10:05:30Z');
const minute = (time: string, count: number) => ({
  minute: `2026-11-23T${time}:00.000Z`,
  count,
  amount: count * 100,
});

test('minutes that the API leaves out are zeros, and older ones are not shown', () => {
  const minutes = [minute('09:00', 9), minute('10:03', 2), minute('10:05', 7)];
  expect(lastMinutes(minutes, 'count', nowMs, 4).map(({ value }) => value)).toEqual([0, 2, 0, 7]);
  expect(lastMinutes(minutes, 'amount', nowMs, 1)).toEqual([
    { atMs: Date.parse('2026-11-23T10:05:00Z'), value: 700 },
  ]);
});

test('the stream has the last word on the minute that runs', () => {
  const points = lastMinutes([minute('10:05', 7)], 'count', nowMs, 2);
  const atMs = Date.parse('2026-11-23T10:05:00Z');
  expect(withLive(points, atMs, 11).map(({ value }) => value)).toEqual([0, 11]);
  expect(withLive(points, atMs + 60_000, 11)).toEqual(points);
});

test('an axis ends at a round number, at the peak or above by half an order at most', () => {
  expect([0, 1, 2, 3, 7, 10, 11, 420].map(roundAbove)).toEqual([1, 1, 2, 5, 10, 10, 20, 500]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), (peak) => {
      const top = roundAbove(peak);
      expect(top).toBeGreaterThanOrEqual(peak);
      expect(top).toBeLessThanOrEqual(peak * 2.5);
    }),
  );
});

test('the samples of one measure are found in a text of many', () => {
  const text = [
    '# HELP millrace_task_lag Records behind',
    'millrace_task_lag{application="orders",task="0_1"} 12',
    'millrace_task_lag 3',
    'millrace_task_lag_total{task="x"} 9',
    '',
  ].join('\n');
  expect(samplesOf(text, 'millrace_task_lag')).toEqual([
    { labels: 'application="orders",task="0_1"', value: 12 },
    { labels: '', value: 3 },
  ]);
});

test('a stream is cut into events, wherever the network cut it', () => {
  const text = ': welcome\n\nevent: counts\ndata: {"a":1}\n\ndata: plain\ndata: lines\n\nevent: co';
  expect(eventsIn(text)).toEqual({
    events: [
      { event: 'counts', data: '{"a":1}' },
      { event: 'message', data: 'plain\nlines' },
    ],
    rest: 'event: co',
  });

  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      let unread = '';
      const events = places.flatMap((place, at) => {
        const read = eventsIn(unread + text.slice(place, places[at + 1] ?? text.length));
        unread = read.rest;
        return read.events;
      });
      expect(events).toEqual(eventsIn(text).events);
    }),
  );
});
