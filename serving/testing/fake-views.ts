/** Views in memory, for tests of services: what a test puts in is shown at once. */
import type { ItemTrend, MinuteCount } from '#schemas/behaviour';
import type { Cart } from '#schemas/carts';
import type { FeedReport } from '#schemas/inbound';
import type { StockLevel } from '#schemas/inventory';
import type { Item, ItemId } from '#schemas/items';
import type { Notification } from '#schemas/notifications';
import type { Order } from '#schemas/orders';
import type { Payment } from '#schemas/payments';
import type { Recommendation } from '#schemas/recommendations';
import type { Finding } from '#schemas/reconciliation';
import type { Wishlist } from '#schemas/wishlists';
import { decodeCursor, encodeCursor } from '#views/cursor';
import type { OrdersView } from '#views/orders-view';
import type { SearchQuery, SearchView } from '#views/search-view';
import type { Views } from '../dependencies.ts';
import { stockingWarehouses } from '../items/item-routes.ts';
import { fakeServiceability } from './fake-serviceability.ts';
import { FakeTable, pageOf } from './fake-table.ts';

export type FakeViews = ReturnType<typeof fakeViews>;

export function fakeViews() {
  const items = new FakeTable<ItemId, Item>();
  const inventory = new FakeTable<Item['sku'], StockLevel>();
  const liveOrders = new FakeTable<Order['id'], Order>();
  const archivedOrders = new FakeTable<Order['id'], Order>();
  const notifications: Notification[] = [];
  const minutes: MinuteCount[] = [];
  const trends: ItemTrend[] = [];
  const serviceability = fakeServiceability();
  const tables = {
    items,
    inventory,
    liveOrders,
    archivedOrders,
    carts: new FakeTable<Cart['id'], Cart>(),
    wishlists: new FakeTable<Wishlist['id'], Wishlist>(),
    payments: new FakeTable<Payment['id'], Payment>(),
    recommendations: new FakeTable<Recommendation['key'], Recommendation>(),
    feeds: new FakeTable<FeedReport['feedId'], FeedReport>(),
    findings: new FakeTable<Finding['id'], Finding>(),
    serviceability: serviceability.tables,
    notifications,
    minutes,
    trends,
  };
  const views: Views = {
    ...tables,
    items: Object.assign(items, { count: async () => items.rows.size }),
    search: fakeSearch(items, inventory),
    serviceability: serviceability.view,
    liveOrders: fakeOrders(liveOrders),
    archivedOrders: fakeOrders(archivedOrders),
    notifications: {
      onApplied: () => () => {},
      ofUser: async (userId, page) => {
        const own = notifications.filter((each) => each.userId === userId);
        return pageOf(own, page, ({ id }) => id);
      },
    },
    analytics: {
      onApplied: () => () => {},
      minutes: async (measure, fromMs, toMs) =>
        minutes.filter((m) => m.measure === measure && m.minute >= fromMs && m.minute <= toMs),
      measures: async () => [...new Set(minutes.map(({ measure }) => measure))],
      trending: async (fromMs, limit) =>
        trends.filter(({ hour }) => hour >= fromMs).slice(0, limit),
    },
    findings: {
      onApplied: () => () => {},
      list: async ({ open, ...page }) => {
        const all = [...tables.findings.rows.values()];
        const wanted = all.filter(({ resolvedAt }) => !open || resolvedAt === null);
        return pageOf(wanted, page, ({ id }) => id);
      },
      openCount: async () =>
        [...tables.findings.rows.values()].filter(({ resolvedAt }) => resolvedAt === null).length,
    },
  };
  return { tables, views };
}

function fakeOrders(table: FakeTable<Order['id'], Order>): OrdersView {
  return {
    get: (id) => table.get(id),
    onApplied: (listener) => table.onApplied(listener),
    count: async () => table.rows.size,
    ofUser: async (userId, { limit, cursor }) => {
      const after = cursor === undefined ? undefined : decodeCursor(cursor, ['number', 'string']);
      const own = [...table.rows.values()]
        .filter((order) => order.userId === userId && order.status !== 'rejected')
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
        .filter(({ createdAt, id }) => {
          if (!after) return true;
          return createdAt < after[0] || (createdAt === after[0] && id < after[1]);
        });
      const page = own.slice(0, limit);
      const last = page.at(-1);
      const more = own.length > limit && last;
      return { items: page, nextCursor: more ? encodeCursor([last.createdAt, last.id]) : null };
    },
  };
}

/** Matches every word as it is; enough to test what the routes do with a result. */
function fakeSearch(
  items: FakeTable<ItemId, Item>,
  inventory: FakeTable<Item['sku'], StockLevel>,
): SearchView {
  const matches = (query: SearchQuery, item: Item): boolean => {
    const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
    const from = query.deliverableFrom?.flatMap(({ warehouseIds, maxWeightGrams }) =>
      item.weightGrams <= maxWeightGrams ? warehouseIds : [],
    );
    const stocking = stockingWarehouses(inventory.rows.get(item.sku));
    return (
      words.every((word) => item.title.toLowerCase().includes(word)) &&
      (from === undefined || stocking.some((id) => from.includes(id)))
    );
  };
  return {
    onApplied: () => () => {},
    count: async () => items.rows.size,
    suggest: async (prefix, limit) =>
      [...items.rows.values()]
        .map(({ title }) => title)
        .filter((t) => t.startsWith(prefix))
        .slice(0, limit),
    search: async (query) => {
      if (query.cursor !== undefined) decodeCursor(query.cursor, ['string']);
      const found = [...items.rows.values()].filter((item) => matches(query, item));
      const hits = found.slice(0, query.limit).map((item) => {
        const warehouseIds = stockingWarehouses(inventory.rows.get(item.sku));
        return { ...item, itemId: item.id, warehouseIds, score: 1 };
      });
      const facets = { category: [], brand: [] };
      return { hits, total: found.length, facets, correctedText: null, nextCursor: null };
    },
  };
}
