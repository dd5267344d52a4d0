/** Live counts of behaviour, for as long as the log keeps them. */
import type { ItemTrend, MinuteCount } from '#schemas/behaviour';
import type { AnalyticsWriters } from '../views/analytics-view.ts';
import type { Rebuildable } from '../views/rebuild.ts';
import type { StoredAnalytics } from '../views/shop-views.ts';
import {
  analyticsKeysLua,
  measuresScript,
  minuteChunkScript,
  minuteRows,
  minutesBounds,
  minutesScript,
  trendChunkScript,
  trendingScript,
  trendRows,
} from './analytics-rows.ts';
import { inChunks } from './document-rows.ts';
import type { RedisScript } from './redis-script.ts';
import type { RedisView } from './redis-view.ts';
import { copyScripts } from './view-scripts.ts';

const minutesWriter = 'analytics.minute-counts';
const trendsWriter = 'analytics.item-trends';
const entriesChunk = 1_000;
const copies = copyScripts(analyticsKeysLua);

export type RedisAnalytics = StoredAnalytics & Rebuildable<AnalyticsWriters>;

export function redisAnalytics(view: RedisView): RedisAnalytics {
  const writersOf = (copy?: string): AnalyticsWriters => ({
    minuteCounts: view.writer({ name: minutesWriter, rows: minuteRows(), copy }),
    itemTrends: view.writer({ name: trendsWriter, rows: trendRows(), copy }),
  });

  return {
    reader: {
      onApplied: (listener) => view.signal.onApplied(listener),
      minutes: async (measure, fromMs, toMs) => {
        const bounds = minutesBounds(measure, fromMs, toMs);
        const [found] = await view.read(minutesScript, minutesWriter, bounds);
        return (found as readonly string[]).map((json) => JSON.parse(json) as MinuteCount);
      },
      measures: async () => {
        const [found] = await view.read(measuresScript, minutesWriter, []);
        return found as readonly string[];
      },
      trending: async (fromMs, limit) => {
        const [found] = await view.read(trendingScript, trendsWriter, [fromMs, limit]);
        return summed((found as readonly string[]).map((json) => JSON.parse(json) as ItemTrend));
      },
    },
    writers: writersOf(),
    entries: {
      minuteCounts: () =>
        inChunks(minutesWriter, (after) =>
          chunk<MinuteCount>(view, minuteChunkScript, minutesWriter, [after, entriesChunk]),
        ),
      itemTrends: () =>
        inChunks(trendsWriter, (after) =>
          chunk<ItemTrend>(view, trendChunkScript, trendsWriter, [after]),
        ),
    },
    beginCopy: async () => {
      const { name, switchOver, abandon } = await view.beginCopy(copies, [
        minutesWriter,
        trendsWriter,
      ]);
      return { writers: writersOf(name), switchOver, abandon };
    },
  };
}

/** The hours of each item as one, under the latest; in the order in which the items come. */
function summed(trends: readonly ItemTrend[]): ItemTrend[] {
  const sums = new Map<string, ItemTrend>();
  for (const trend of trends) {
    const sum = sums.get(trend.itemId);
    sums.set(trend.itemId, sum === undefined ? trend : added(sum, trend));
  }
  return [...sums.values()];
}

function added(a: ItemTrend, b: ItemTrend): ItemTrend {
  return {
    itemId: a.itemId,
    hour: Math.max(a.hour, b.hour),
    views: a.views + b.views,
    carts: a.carts + b.carts,
    orders: a.orders + b.orders,
  };
}

async function chunk<V>(
  view: RedisView,
  script: RedisScript,
  writer: string,
  args: readonly (string | number)[],
) {
  const reply = await view.read(script, writer, args);
  const [generation, keys, values, last] = reply as [
    string,
    readonly string[],
    readonly string[],
    string | null,
  ];
  const entries = values.map(
    (json, index) => [keys[index] as string, JSON.parse(json) as V] as const,
  );
  return { generation, entries, last: last ?? undefined };
}
