/** Every view of the shop as sinks, services and audits see it, wherever it is kept. */
import type { Cart } from '#schemas/carts';
import type { FeedReport } from '#schemas/inbound';
import type { StockLevel } from '#schemas/inventory';
import type { FeedId, Item, ItemId, Sku } from '#schemas/items';
import type { Notification, NotificationId } from '#schemas/notifications';
import type { Order, OrderId, PaymentId } from '#schemas/orders';
import type { Payment } from '#schemas/payments';
import type { Recommendation, RecommendationKey } from '#schemas/recommendations';
import type { Finding, FindingId } from '#schemas/reconciliation';
import type { UserId } from '#schemas/users';
import type { Wishlist } from '#schemas/wishlists';
import type { AnalyticsView, AnalyticsWriters } from './analytics-view.ts';
import type { CartsView, WishlistsView } from './carts-view.ts';
import type { FeedsView } from './feeds-view.ts';
import type { FindingsView } from './findings-view.ts';
import type { InventoryView } from './inventory-view.ts';
import type { ItemsView } from './items-view.ts';
import type { NotificationsView } from './notifications-view.ts';
import type { OrdersView } from './orders-view.ts';
import type { PaymentsView } from './payments-view.ts';
import type { OneWriter, Rebuildable } from './rebuild.ts';
import type { RecommendationsView } from './recommendations-view.ts';
import type { SearchView, SearchWriters } from './search-view.ts';
import type { ServiceabilityView, ServiceabilityWriters } from './serviceability-view.ts';
import type { ViewReader, ViewWriter } from './view.ts';

/** Every entry once, for an audit; what is written meanwhile may be seen or not. */
export type Entries<K, V> = () => AsyncIterable<readonly [K, V]>;

/** A view that one topic feeds. Its entries may have other keys than the topic. */
export interface StoredView<Reader extends ViewReader, K, V, EntryKey = K> {
  readonly reader: Reader;
  readonly writer: ViewWriter<K, V>;
  readonly entries: Entries<EntryKey, V>;
}

type EntriesOfWriter<W> = W extends ViewWriter<infer K, infer V> ? Entries<K, V> : never;

/** A view that several topics feed, each with entries of its own. */
export interface StoredViews<Reader extends ViewReader, Writers> {
  readonly reader: Reader;
  readonly writers: Writers;
  readonly entries: { readonly [Name in keyof Writers]: EntriesOfWriter<Writers[Name]> };
}

export interface StoredServiceability
  extends StoredViews<ServiceabilityView, ServiceabilityWriters> {}

export interface StoredAnalytics extends StoredViews<AnalyticsView, AnalyticsWriters> {}

/** What a search engine keeps of one topic, in a shape of its own. */
export interface IndexedEntries<K, V> {
  readonly entries: Entries<K, unknown>;
  /** What the entry of a record should be. */
  readonly expected: (value: V) => unknown;
}

export interface StoredSearch {
  readonly reader: SearchView;
  readonly writers: SearchWriters;
  readonly indexed: {
    readonly items: IndexedEntries<ItemId, Item>;
    readonly stock: IndexedEntries<Sku, StockLevel>;
  };
}

export type StoredOrders = StoredView<OrdersView, OrderId, Order>;

export interface ShopViews {
  readonly items: StoredView<ItemsView, ItemId, Item>;
  readonly serviceability: StoredServiceability;
  readonly inventory: StoredView<InventoryView, Sku, StockLevel>;
  readonly carts: StoredView<CartsView, UserId, Cart>;
  readonly wishlists: StoredView<WishlistsView, UserId, Wishlist>;
  readonly liveOrders: StoredOrders;
  readonly orderHistory: StoredOrders;
  readonly payments: StoredView<PaymentsView, PaymentId, Payment>;
  readonly feeds: StoredView<FeedsView, FeedId, FeedReport>;
  readonly findings: StoredView<FindingsView, FindingId, Finding>;
  readonly notifications: StoredView<NotificationsView, UserId, Notification, NotificationId>;
  readonly recommendations: StoredView<RecommendationsView, RecommendationKey, Recommendation>;
  readonly analytics: StoredAnalytics;
  readonly search: StoredSearch;
  /** Keeps no rows, only how far archived orders have been confirmed: see archival-sink. */
  readonly archivalConfirmations: ViewWriter<OrderId, Order>;
  close(): Promise<void> | void;
}

type WritersOf<View> = View extends { readonly writers: infer Writers }
  ? Writers
  : View extends { readonly writer: ViewWriter<infer K, infer V> }
    ? OneWriter<K, V>
    : never;

type RebuildableName = Exclude<keyof ShopViews, 'archivalConfirmations' | 'close'>;

/** The views as servers keep them: each can be built anew beside the live one. */
export type RebuildableViews = ShopViews & {
  readonly [Name in RebuildableName]: Rebuildable<WritersOf<ShopViews[Name]>>;
};
