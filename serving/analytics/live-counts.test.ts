import { expect, test } from '@jest/globals';
import { fakeViews } from '../testing/fake-views.ts';
import { startMs } from '../testing/test-shop.ts';
import { liveCounts } from './live-counts.ts';

test('a watcher hears the counts of this minute, and the end when the server closes', async () => {
  const { tables, views } = fakeViews();
  const minute = startMs;
  tables.minutes.push(
    { measure: 'searches', minute, count: 7, amount: 0 },
    { measure: 'orders', minute, count: 2, amount: 0 },
    { measure: 'revenue', minute, count: 2, amount: 49_800 },
    { measure: 'searches', minute: minute - 60_000, count: 99, amount: 0 },
  );
  const counts = liveCounts(views.analytics, { nowMs: () => startMs + 30_000 });
  let text = '';
  for await (const chunk of counts.watch()) {
    text += String(chunk);
    if (text.includes('event: counts')) counts.close();
  }
  const [, data = ''] = /event: counts\ndata: (.*)\n\n$/.exec(text) ?? [];
  expect(JSON.parse(data)).toEqual({
    minute: new Date(minute).toISOString(),
    ...{ searches: 7, views: 0, carts: 0, orders: 2, revenue: 49_800 },
  });
});
