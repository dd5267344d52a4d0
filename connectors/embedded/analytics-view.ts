/** Live counts of behaviour, for as long as the log keeps them. */
import { type ItemTrend, itemTrends, type MinuteCount, minuteCounts } from '#schemas/behaviour';
import type { ItemId } from '#schemas/items';
import { trendWeights } from '../views/analytics-view.ts';
import type { StoredAnalytics } from '../views/shop-views.ts';
import type { Database } from './database.ts';
import { AppliedSignal, type ViewFile } from './view-file.ts';

export const analyticsSchema = `
  CREATE TABLE minute_counts (
    key TEXT PRIMARY KEY,
    measure TEXT NOT NULL,
    minute INTEGER NOT NULL,
    count INTEGER NOT NULL,
    amount INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX minute_counts_of_measure ON minute_counts (measure, minute);
  CREATE TABLE item_trends (
    key TEXT PRIMARY KEY,
    item_id TEXT NOT NULL,
    hour INTEGER NOT NULL,
    views INTEGER NOT NULL,
    carts INTEGER NOT NULL,
    orders INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX item_trends_of_hour ON item_trends (hour);
  CREATE INDEX minute_counts_of_minute ON minute_counts (minute);`;

interface TrendRow {
  readonly item_id: ItemId;
  readonly hour: number;
  readonly views: number;
  readonly carts: number;
  readonly orders: number;
}

export function embeddedAnalytics(file: ViewFile): StoredAnalytics {
  const { database } = file;
  const signal = new AppliedSignal();
  return {
    reader: {
      onApplied: (listener) => signal.onApplied(listener),
      minutes: async (measure, fromMs, toMs) =>
        database.all<MinuteCount & Record<string, never>>(
          `SELECT measure, minute, count, amount FROM minute_counts
           WHERE measure = ? AND minute BETWEEN ? AND ? ORDER BY minute`,
          [measure, fromMs, toMs],
        ),
      measures: async () => measuresOf(database),
      trending: async (fromMs, limit) => trendsOf(database, fromMs, limit),
    },
    entries: {
      minuteCounts: () =>
        entriesOf<MinuteCount>(database, 'minute_counts', 'measure, minute, count, amount'),
      itemTrends: () =>
        entriesOf<ItemTrend>(
          database,
          'item_trends',
          'item_id AS itemId, hour, views, carts, orders',
        ),
    },
    writers: {
      minuteCounts: file.writer<string, MinuteCount>({
        name: 'analytics.minute-counts',
        signal,
        put: (key, count) => putMinute(database, key, count),
        delete: (key) => {
          database.run('DELETE FROM minute_counts WHERE key = ?', [key]);
        },
      }),
      itemTrends: file.writer<string, ItemTrend>({
        name: 'analytics.item-trends',
        signal,
        put: (key, trend) => putTrend(database, key, trend),
        delete: (key) => {
          database.run('DELETE FROM item_trends WHERE key = ?', [key]);
        },
      }),
    },
  };
}

const entriesChunk = 500;

async function* entriesOf<V>(
  database: Database,
  table: string,
  columns: string,
): AsyncGenerator<readonly [string, V]> {
  let after = '';
  for (;;) {
    const rows = database.all<{ key: string } & V>(
      `SELECT key, ${columns} FROM ${table} WHERE key > ? ORDER BY key LIMIT ${entriesChunk}`,
      [after],
    );
    for (const { key, ...value } of rows) {
      yield [key, value as V];
      after = key;
    }
    if (rows.length === 0) return;
  }
}

/** One seek a measure, where DISTINCT would read every row. */
function measuresOf(database: Database): string[] {
  const rows = database.all<{ measure: string }>(
    `WITH RECURSIVE found (measure) AS (
       SELECT min(measure) FROM minute_counts
       UNION ALL
       SELECT (SELECT min(measure) FROM minute_counts WHERE measure > found.measure)
       FROM found WHERE found.measure IS NOT NULL
     )
     SELECT measure FROM found WHERE measure IS NOT NULL`,
  );
  return rows.map(({ measure }) => measure);
}

function trendsOf(database: Database, fromMs: number, limit: number): ItemTrend[] {
  const rows = database.all<TrendRow & Record<string, never>>(
    `SELECT item_id, max(hour) AS hour,
            sum(views) AS views, sum(carts) AS carts, sum(orders) AS orders
     FROM item_trends WHERE hour >= ? GROUP BY item_id
     ORDER BY sum(views) * ${trendWeights.views} + sum(carts) * ${trendWeights.carts}
              + sum(orders) * ${trendWeights.orders} DESC, item_id
     LIMIT ?`,
    [fromMs, limit],
  );
  return rows.map(({ item_id, hour, views, carts, orders }) => ({
    itemId: item_id,
    hour,
    views,
    carts,
    orders,
  }));
}

/** What the log no longer keeps goes too, as seen from the newest entry: no clock is needed. */
function putMinute(database: Database, key: string, value: MinuteCount): void {
  database.run('INSERT OR REPLACE INTO minute_counts VALUES (?, ?, ?, ?, ?)', [
    key,
    value.measure,
    value.minute,
    value.count,
    value.amount,
  ]);
  database.run('DELETE FROM minute_counts WHERE minute < ?', [
    value.minute - minuteCounts.retentionMs,
  ]);
}

function putTrend(database: Database, key: string, value: ItemTrend): void {
  database.run('INSERT OR REPLACE INTO item_trends VALUES (?, ?, ?, ?, ?, ?)', [
    key,
    value.itemId,
    value.hour,
    value.views,
    value.carts,
    value.orders,
  ]);
  database.run('DELETE FROM item_trends WHERE hour < ?', [value.hour - itemTrends.retentionMs]);
}
