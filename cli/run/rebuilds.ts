/** Which topics make each view anew, beside the live one: see connectors/views/rebuild. */
import { carts } from '#schemas/carts';
import { feedReports } from '#schemas/inbound';
import { stockLevels } from '#schemas/inventory';
import { items } from '#schemas/items';
import { notifications } from '#schemas/notifications';
import { archivedOrders, orders } from '#schemas/orders';
import { payments } from '#schemas/payments';
import { recommendations } from '#schemas/recommendations';
import { findings } from '#schemas/reconciliation';
import { wishlists } from '#schemas/wishlists';
import type { Topic } from '#streams';
import type { OneWriter, Rebuildable, ViewCopy } from '#views/rebuild';
import type { RebuildableViews } from '#views/shop-views';
import { type SinkFeed, sinkFeed } from '../../connectors/sink-feed.ts';
import { analyticsFeeds, searchFeeds, serviceabilityFeeds } from './feeds.ts';

/** A copy that has begun, and what feeds it. */
export interface FedCopy extends Pick<ViewCopy<unknown>, 'switchOver' | 'abandon'> {
  readonly feeds: readonly SinkFeed[];
}

export type BeginFedCopy = () => Promise<FedCopy>;

export function rebuildsOf(views: RebuildableViews): ReadonlyMap<string, BeginFedCopy> {
  return new Map<string, BeginFedCopy>([
    ['items', one(items, views.items)],
    ['inventory', one(stockLevels, views.inventory)],
    ['carts', one(carts, views.carts)],
    ['wishlists', one(wishlists, views.wishlists)],
    ['orders', one(orders, views.liveOrders)],
    ['order-history', one(archivedOrders, views.orderHistory)],
    ['payments', one(payments, views.payments)],
    ['feeds', one(feedReports, views.feeds)],
    ['findings', one(findings, views.findings)],
    ['notifications', one(notifications, views.notifications)],
    ['recommendations', one(recommendations, views.recommendations)],
    ['search', several(views.search, searchFeeds)],
    ['serviceability', several(views.serviceability, serviceabilityFeeds)],
    ['analytics', several(views.analytics, analyticsFeeds)],
  ]);
}

function one<K, V>(topic: Topic<K, V>, view: Rebuildable<OneWriter<K, V>>): BeginFedCopy {
  return several(view, ({ writer }) => [sinkFeed(topic, writer)]);
}

function several<Writers>(
  view: Rebuildable<Writers>,
  feedsOf: (writers: Writers) => readonly SinkFeed[],
): BeginFedCopy {
  return async () => {
    const copy = await view.beginCopy();
    return {
      feeds: feedsOf(copy.writers),
      switchOver: () => copy.switchOver(),
      abandon: () => copy.abandon(),
    };
  };
}
