/** What holds for every view of live counts. */
import type { ItemTrend, MinuteCount } from '#schemas/behaviour';
import type { ItemId } from '#schemas/items';
import type { AnalyticsView, AnalyticsWriters } from './analytics-view.ts';
import { batchOf, type ViewUnderTest, viewWriterContract } from './view-writer-contract.ts';

interface AnalyticsViewUnderTest {
  readonly reader: AnalyticsView;
  readonly writers: AnalyticsWriters;
  readonly reopen: () => Promise<AnalyticsViewUnderTest>;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;

const counted = (measure: string, minute: number, count: number): [string, MinuteCount] => [
  `${measure}@${minute * minuteMs}`,
  { measure, minute: minute * minuteMs, count, amount: count * 100 },
];

const trend = (
  itemId: string,
  hour: number,
  [views, carts, orders]: readonly [number, number, number],
): [string, ItemTrend] => [
  `${itemId}@${hour * hourMs}`,
  { itemId: itemId as ItemId, hour: hour * hourMs, views, carts, orders },
];

export function analyticsViewContract(
  name: string,
  open: () => Promise<AnalyticsViewUnderTest>,
): void {
  viewWriterContract<string, MinuteCount>(`${name}, its minutes`, {
    open: async () => minutesUnderTest(await open()),
    key: (measure) => counted(measure, 1, 0)[0],
    value: (measure, revision) => counted(measure, 1, revision)[1],
  });

  describe(name, () => {
    test('answers the minutes of one measure, earliest first, bounds included', async () => {
      const { reader, writers } = await open();
      const counts = [counted('views', 3, 30), counted('views', 1, 10), counted('views', 2, 20)];
      const others = [counted('orders', 2, 5), counted('views', 4, 40)];
      await writers.minuteCounts.apply([batchOf(0, [...counts, ...others])]);
      const found = await reader.minutes('views', minuteMs, 3 * minuteMs);
      expect(found.map(({ count }) => count)).toEqual([10, 20, 30]);
      expect(found[0]).toEqual({ measure: 'views', minute: minuteMs, count: 10, amount: 1_000 });
    });

    test('names its measures', async () => {
      const { reader, writers } = await open();
      expect(await reader.measures()).toEqual([]);
      const counts = [counted('views', 1, 1), counted('orders', 1, 1), counted('views', 2, 1)];
      await writers.minuteCounts.apply([batchOf(0, counts)]);
      expect([...(await reader.measures())].sort()).toEqual(['orders', 'views']);
    });

    test('ranks items by views, carts and orders, which weigh 1, 3 and 10', async () => {
      const { reader, writers } = await open();
      const trends = [
        trend('viewed', 5, [9, 0, 0]),
        trend('ordered', 5, [0, 0, 1]),
        trend('carted', 5, [0, 4, 0]),
        trend('past', 4, [1_000, 0, 0]),
      ];
      await writers.itemTrends.apply([batchOf(0, trends)]);
      const ranked = await reader.trending(5 * hourMs, 10);
      expect(ranked.map(({ itemId }) => itemId)).toEqual(['carted', 'ordered', 'viewed']);
      expect(await reader.trending(5 * hourMs, 1)).toHaveLength(1);
    });

    test('sums the hours of an item, under the latest of them', async () => {
      const { reader, writers } = await open();
      const hours = [trend('tea', 5, [1, 2, 3]), trend('tea', 6, [10, 20, 30])];
      await writers.itemTrends.apply([batchOf(0, hours)]);
      expect(await reader.trending(0, 10)).toEqual([trend('tea', 6, [11, 22, 33])[1]]);
    });

    test('forgets what is more than a week older than the newest', async () => {
      const { reader, writers } = await open();
      const week = 7 * 24 * 60;
      await writers.minuteCounts.apply([
        batchOf(0, [counted('views', 1, 1), counted('views', 2, 2)]),
      ]);
      await writers.minuteCounts.apply([batchOf(2, [counted('views', week + 2, 3)])]);
      const found = await reader.minutes('views', 0, (week + 9) * minuteMs);
      expect(found.map(({ count }) => count)).toEqual([2, 3]);
    });
  });
}

function minutesUnderTest(view: AnalyticsViewUnderTest): ViewUnderTest<string, MinuteCount> {
  return {
    reader: view.reader,
    writer: view.writers.minuteCounts,
    read: async (key) => {
      const found = await view.reader.minutes(key.split('@')[0] as string, 0, hourMs);
      return found[0];
    },
    reopen: async () => minutesUnderTest(await view.reopen()),
  };
}
