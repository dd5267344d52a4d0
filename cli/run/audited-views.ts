/** Which views can be compared with which topic, by name. */
import { carts } from '#schemas/carts';
import { feedReports } from '#schemas/inbound';
import { stockLevels } from '#schemas/inventory';
import { items } from '#schemas/items';
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
import { wishlists } from '#schemas/wishlists';
import type { Topic } from '#streams';
import type { AuditedView } from '../../connectors/audit.ts';
import type { EmbeddedViews } from '../../connectors/embedded/embedded-views.ts';

export interface Audited {
  // biome-ignore lint/suspicious/noExplicitAny: `audited` has checked that topic and view fit
  readonly topic: Topic<any, any>;
  // biome-ignore lint/suspicious/noExplicitAny: `audited` has checked that topic and view fit
  readonly view: AuditedView<any, any>;
}

function audited<K, V>(topic: Topic<K, V>, view: AuditedView<K, V>): Audited {
  return { topic, view };
}

export function auditedViews(views: EmbeddedViews): ReadonlyMap<string, Audited> {
  const { writers, entries } = views.serviceability;
  return new Map([
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
  ]);
}
