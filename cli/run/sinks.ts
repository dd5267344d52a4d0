/** Which topic feeds which view: the one place that says it. */
import { itemTrends, minuteCounts } from '#schemas/behaviour';
import { carts } from '#schemas/carts';
import { feedReports } from '#schemas/inbound';
import { stockLevels } from '#schemas/inventory';
import { items } from '#schemas/items';
import { notifications } from '#schemas/notifications';
import { archivedOrders, type Order, type OrderId, orders } from '#schemas/orders';
import { gatewayRequests, payments } from '#schemas/payments';
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
import type { Log, SchemaRegistry } from '#streams';
import type { ShopViews } from '#views/shop-views';
import type { ViewWriter } from '#views/view';
import { archivalWriter } from '../../connectors/archival-sink.ts';
import type { PaymentGateway } from '../../connectors/payment-gateways/payment-gateway.ts';
import { type SinkFeed, sinkFeed } from '../../connectors/sink-feed.ts';
import { type RunningSink, runSink, type SinkMetrics } from '../../connectors/sink-runner.ts';
import { systemTiming } from '../../connectors/timing.ts';

/**
 * The feeds of each sink. What a shopper waits for after a write has a sink of its own, so that a
 * long feed of items does not stand before it.
 */
function sinkFeeds(
  views: ShopViews,
  history: ViewWriter<OrderId, Order>,
  gateway: PaymentGateway,
): ReadonlyMap<string, readonly SinkFeed[]> {
  const { serviceability, search, analytics } = views;
  return new Map([
    [
      'orders',
      [sinkFeed(orders, views.liveOrders.writer), sinkFeed(payments, views.payments.writer)],
    ],
    ['carts', [sinkFeed(carts, views.carts.writer), sinkFeed(wishlists, views.wishlists.writer)]],
    ['inventory', [sinkFeed(stockLevels, views.inventory.writer)]],
    ['items', [sinkFeed(items, views.items.writer), sinkFeed(feedReports, views.feeds.writer)]],
    [
      'search',
      [sinkFeed(items, search.writers.items), sinkFeed(stockLevels, search.writers.stock)],
    ],
    [
      'serviceability',
      [
        sinkFeed(calendars, serviceability.writers.calendars),
        sinkFeed(warehouses, serviceability.writers.warehouses),
        sinkFeed(couriers, serviceability.writers.couriers),
        sinkFeed(lanes, serviceability.writers.lanes),
        sinkFeed(pincodes, serviceability.writers.pincodes),
        sinkFeed(pincodeRoutes, serviceability.writers.routes),
        sinkFeed(dispatchRules, serviceability.writers.dispatchRules),
      ],
    ],
    ['gateway', [sinkFeed(gatewayRequests, gateway.requests)]],
    ['history', [sinkFeed(archivedOrders, history)]],
    [
      'insight',
      [
        sinkFeed(minuteCounts, analytics.writers.minuteCounts),
        sinkFeed(itemTrends, analytics.writers.itemTrends),
        sinkFeed(recommendations, views.recommendations.writer),
        sinkFeed(findings, views.findings.writer),
        sinkFeed(notifications, views.notifications.writer),
      ],
    ],
  ]);
}

export class Sinks {
  readonly #running: readonly RunningSink[];

  private constructor(running: readonly RunningSink[]) {
    this.#running = running;
  }

  static async start(options: {
    readonly log: Log;
    readonly registry: SchemaRegistry;
    readonly views: ShopViews;
    readonly gateway: PaymentGateway;
    readonly onTrouble: (sink: string, error: Error) => void;
  }): Promise<Sinks> {
    const { log, registry, onTrouble } = options;
    const history = await archivalWriter({
      log,
      registry,
      history: options.views.orderHistory.writer,
      confirmations: options.views.archivalConfirmations,
      timing: systemTiming,
    });
    const running = [...sinkFeeds(options.views, history, options.gateway)].map(([name, feeds]) =>
      runSink({
        name: `${name}-view`,
        log,
        registry,
        feeds,
        onTrouble: (error) => onTrouble(name, error),
      }),
    );
    return new Sinks(await Promise.all(running));
  }

  async caughtUp(): Promise<void> {
    await Promise.all(this.#running.map((sink) => sink.caughtUp()));
  }

  metrics(): ReadonlyMap<string, SinkMetrics> {
    return new Map(this.#running.map((sink) => [sink.name, sink.metrics()]));
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((sink) => sink.close()));
  }
}
