/** Which views can be compared with which topic, by name. */
import { itemTrends, minuteCounts } from '#schemas/behaviour';
import { carts } from '#schemas/carts';
import { feedReports } from '#schemas/inbound';
import { stockLevels } from '#schemas/inventory';
import { items } from '#schemas/items';
import { type Notification, type NotificationId, notifications } from '#schemas/notifications';
import { archivedOrders, orders } from '#schemas/orders';
import { payments } from '#schemas/payments';
import { recommendations } from '#schemas/recommendations';
import { findings } from '#schemas/reconciliation';
import {
  calendars,
  couriers,
  dispatchRules,
  lanes,
  pincodeRoutes,
  pincodes,
  warehouses,
} from '#schemas/serviceability';
import type { UserId } from '#schemas/users';
import { wishlists } from '#schemas/wishlists';
import type { Topic } from '#streams';
import type { IndexedEntries, ShopViews } from '#views/shop-views';
import type { ViewWriter } from '#views/view';
import type { AuditedView, AuditOptions, EntriesOf } from '../../connectors/audit.ts';

/** All that an audit needs to know of one view but the log. */
type Comparison = Pick<
  // biome-ignore lint/suspicious/noExplicitAny: `audited` has checked that topic and view fit
  AuditOptions<any, any, any, any>,
  'topic' | 'view' | 'entriesOf' | 'retention'
>;

export interface Audited extends Comparison {
  /** What `millrace rebuild` calls the view that this is, or is a part of. */
  readonly madeBy: string;
}

function audited<K, V, EntryKey = K, Entry = V>(
  topic: Topic<K, V>,
  view: AuditedView<K, V, EntryKey, Entry>,
  more: Pick<AuditOptions<K, V, EntryKey, Entry>, 'entriesOf' | 'retention'> = {},
): Comparison {
  return { topic, view: { writer: view.writer, entries: view.entries }, ...more };
}

export function auditedViews(views: ShopViews, nowMs: () => number): Map<string, Audited> {
  const partsOf = (madeBy: string, parts: readonly (readonly [string, Comparison])[]) =>
    parts.map(([name, part]) => [name, { ...part, madeBy }] as const);
  return new Map([
    ...domainViews(views).map(([name, view]) => [name, { ...view, madeBy: name }] as const),
    ...partsOf('serviceability', serviceabilityViews(views)),
    ...partsOf('search', searchViews(views)),
    ...partsOf('analytics', analyticsViews(views, nowMs)),
  ]);
}

function domainViews(views: ShopViews): [string, Comparison][] {
  return [
    ['items', audited(items, views.items)],
    ['inventory', audited(stockLevels, views.inventory)],
    ['carts', audited(carts, views.carts)],
    ['wishlists', audited(wishlists, views.wishlists)],
    ['orders', audited(orders, views.liveOrders)],
    ['order-history', audited(archivedOrders, views.orderHistory)],
    ['payments', audited(payments, views.payments)],
    ['feeds', audited(feedReports, views.feeds)],
    ['findings', audited(findings, views.findings)],
    ['recommendations', audited(recommendations, views.recommendations)],
    [
      'notifications',
      audited<UserId, Notification, NotificationId, Notification>(
        notifications,
        views.notifications,
        { entriesOf: toldNotifications() },
      ),
    ],
  ];
}

/** The topic is keyed by user; a tombstone takes back all that the user was told. */
function toldNotifications(): EntriesOf<UserId, Notification, NotificationId, Notification> {
  const told = new Map<UserId, Set<NotificationId>>();
  return (userId, notification) => {
    if (notification === null) return [...(told.get(userId) ?? [])].map((id) => [id, null]);
    told.set(userId, (told.get(userId) ?? new Set()).add(notification.id));
    return [[notification.id, notification]];
  };
}

function serviceabilityViews(views: ShopViews): [string, Comparison][] {
  const { writers, entries } = views.serviceability;
  return [
    ['routes', audited(pincodeRoutes, { writer: writers.routes, entries: entries.routes })],
    [
      'dispatch-rules',
      audited(dispatchRules, { writer: writers.dispatchRules, entries: entries.dispatchRules }),
    ],
    ['calendars', audited(calendars, { writer: writers.calendars, entries: entries.calendars })],
    [
      'warehouses',
      audited(warehouses, { writer: writers.warehouses, entries: entries.warehouses }),
    ],
    ['couriers', audited(couriers, { writer: writers.couriers, entries: entries.couriers })],
    ['lanes', audited(lanes, { writer: writers.lanes, entries: entries.lanes })],
    ['pincodes', audited(pincodes, { writer: writers.pincodes, entries: entries.pincodes })],
  ];
}

/** Two topics make the documents of search: what an item says, and which warehouses stock it. */
function searchViews({ search: { writers, indexed } }: ShopViews): [string, Comparison][] {
  return [
    ['search-items', indexedView(items, writers.items, indexed.items)],
    ['search-stock', indexedView(stockLevels, writers.stock, indexed.stock)],
  ];
}

function indexedView<K, V>(
  topic: Topic<K, V>,
  writer: ViewWriter<K, V>,
  { entries, expected }: IndexedEntries<K, V>,
): Comparison {
  return audited<K, V, K, unknown>(
    topic,
    { writer, entries },
    { entriesOf: (key, value) => [[key, value && expected(value)]] },
  );
}

function analyticsViews(
  { analytics: { writers, entries } }: ShopViews,
  nowMs: () => number,
): [string, Comparison][] {
  return [
    [
      'minute-counts',
      audited(
        minuteCounts,
        { writer: writers.minuteCounts, entries: entries.minuteCounts },
        {
          retention: {
            timeOf: ({ minute }) => minute,
            retentionMs: minuteCounts.retentionMs,
            nowMs,
          },
        },
      ),
    ],
    [
      'item-trends',
      audited(
        itemTrends,
        { writer: writers.itemTrends, entries: entries.itemTrends },
        { retention: { timeOf: ({ hour }) => hour, retentionMs: itemTrends.retentionMs, nowMs } },
      ),
    ],
  ];
}
