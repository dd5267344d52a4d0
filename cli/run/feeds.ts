/** Which topics feed the views that several feed, live or made anew: the one place that says it. */
import { itemTrends, minuteCounts } from '#schemas/behaviour';
import { stockLevels } from '#schemas/inventory';
import { items } from '#schemas/items';
import {
  calendars,
  couriers,
  dispatchRules,
  lanes,
  pincodeRoutes,
  pincodes,
  warehouses,
} from '#schemas/serviceability';
import type { AnalyticsWriters } from '#views/analytics-view';
import type { SearchWriters } from '#views/search-view';
import type { ServiceabilityWriters } from '#views/serviceability-view';
import { type SinkFeed, sinkFeed } from '../../connectors/sink-feed.ts';

export function searchFeeds(writers: SearchWriters): readonly SinkFeed[] {
  return [sinkFeed(items, writers.items), sinkFeed(stockLevels, writers.stock)];
}

export function serviceabilityFeeds(writers: ServiceabilityWriters): readonly SinkFeed[] {
  return [
    sinkFeed(calendars, writers.calendars),
    sinkFeed(warehouses, writers.warehouses),
    sinkFeed(couriers, writers.couriers),
    sinkFeed(lanes, writers.lanes),
    sinkFeed(pincodes, writers.pincodes),
    sinkFeed(pincodeRoutes, writers.routes),
    sinkFeed(dispatchRules, writers.dispatchRules),
  ];
}

export function analyticsFeeds(writers: AnalyticsWriters): readonly SinkFeed[] {
  return [sinkFeed(minuteCounts, writers.minuteCounts), sinkFeed(itemTrends, writers.itemTrends)];
}
