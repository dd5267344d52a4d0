/** Which topic feeds which view: the one place that says it. */
import { carts } from '#schemas/carts';
import { feedReports } from '#schemas/inbound';
import { stockLevels } from '#schemas/inventory';
import { items } from '#schemas/items';
import { notifications } from '#schemas/notifications';
import { archivedOrders, type Order, type OrderId, orders } from '#schemas/orders';
import { gatewayRequests, payments } from '#schemas/payments';
import { recommendations } from '#schemas/recommendations';
import { findings } from '#schemas/reconciliation';
import { userEvents } from '#schemas/users';
import { wishlists } from '#schemas/wishlists';
import type { Log, SchemaRegistry } from '#streams';
import type { ShopViews } from '#views/shop-views';
import type { ViewWriter } from '#views/view';
import { archivalWriter } from '../../connectors/archival-sink.ts';
import type { PaymentGateway } from '../../connectors/payment-gateways/payment-gateway.ts';
import { type SinkFeed, sinkFeed } from '../../connectors/sink-feed.ts';
import { type RunningSink, runSink, type SinkMetrics } from '../../connectors/sink-runner.ts';
import { systemTiming } from '../../connectors/timing.ts';
import type { SharedState } from '../stores/shop-stores.ts';
import { analyticsFeeds, searchFeeds, serviceabilityFeeds } from './feeds.ts';

/** A sink that a process may run, apart from the others. */
export type SinkName = (typeof sinkNames)[number];

/** The sandbox gateway's own is not among them: it is of another house. */
export const sinkNames = [
  'orders',
  'carts',
  'inventory',
  'items',
  'search',
  'serviceability',
  'history',
  'insight',
  'user-cache',
  'payment-deadlines',
] as const;

/**
 * The feeds of each sink. What a shopper waits for after a write has a sink of its own, so that a
 * long feed of items does not stand before it.
 */
function feedsOf(
  name: SinkName,
  views: ShopViews,
  shared: SharedState | undefined,
  archival: ViewWriter<OrderId, Order>,
): readonly SinkFeed[] {
  const { serviceability, search, analytics } = views;
  const feeds: Readonly<Record<SinkName, readonly SinkFeed[]>> = {
    orders: [sinkFeed(orders, views.liveOrders.writer), sinkFeed(payments, views.payments.writer)],
    carts: [sinkFeed(carts, views.carts.writer), sinkFeed(wishlists, views.wishlists.writer)],
    inventory: [sinkFeed(stockLevels, views.inventory.writer)],
    items: [sinkFeed(items, views.items.writer), sinkFeed(feedReports, views.feeds.writer)],
    search: searchFeeds(search.writers),
    serviceability: serviceabilityFeeds(serviceability.writers),
    history: [sinkFeed(archivedOrders, archival)],
    insight: [
      ...analyticsFeeds(analytics.writers),
      sinkFeed(recommendations, views.recommendations.writer),
      sinkFeed(findings, views.findings.writer),
      sinkFeed(notifications, views.notifications.writer),
    ],
    'user-cache': shared ? [sinkFeed(userEvents, shared.userCache.writer)] : [],
    'payment-deadlines': shared ? [sinkFeed(payments, shared.deadlines.writer)] : [],
  };
  return feeds[name];
}

export interface SinksOptions {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  /** Absent when none of `names` is run. */
  readonly views: ShopViews | undefined;
  /** Absent where there is one process: then `user-cache` and `payment-deadlines` have nothing to do. */
  readonly shared: SharedState | undefined;
  readonly names: ReadonlySet<string>;
  /** Whether other processes may run the same sinks into the same views. */
  readonly isShared: boolean;
  /** Absent: the sandbox runs elsewhere, or nowhere. */
  readonly gateway: PaymentGateway | undefined;
  readonly onTrouble: (sink: string, error: Error) => void;
}

export class Sinks {
  readonly #running: readonly RunningSink[];

  private constructor(running: readonly RunningSink[]) {
    this.#running = running;
  }

  static async start(options: SinksOptions): Promise<Sinks> {
    const { log, registry, isShared, onTrouble } = options;
    const running = [...(await feedsByName(options))].map(([name, feeds]) =>
      runSink({
        name: `${name}-view`,
        log,
        registry,
        feeds,
        groupId: isShared && name !== 'gateway' ? `${name}-view` : undefined,
        onTrouble: (error) => onTrouble(name, error),
      }),
    );
    return new Sinks(await Promise.all(running));
  }

  /** Whether this process runs the sink, and no other that shares it is to do what one must do. */
  leads(name: SinkName): boolean {
    return this.#running.some((sink) => sink.name === `${name}-view` && sink.isLeader);
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

async function feedsByName(options: SinksOptions): Promise<Map<string, readonly SinkFeed[]>> {
  const { log, registry, views, shared, names, gateway } = options;
  const feeds = new Map<string, readonly SinkFeed[]>();
  if (gateway !== undefined) feeds.set('gateway', [sinkFeed(gatewayRequests, gateway.requests)]);
  if (views === undefined) return feeds;
  const archival = await archivalWriter({
    log,
    registry,
    history: views.orderHistory.writer,
    confirmations: views.archivalConfirmations,
    timing: systemTiming,
  });
  for (const name of sinkNames) {
    const ofSink = names.has(name) ? feedsOf(name, views, shared, archival) : [];
    if (ofSink.length > 0) feeds.set(name, ofSink);
  }
  return feeds;
}
