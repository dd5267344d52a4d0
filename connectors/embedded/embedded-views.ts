/**
 * Every view of the embedded profile, in one directory: `views.db`, and `search.db`, whose many
 * small index writes would make every other view's transactions wait.
 */
import { join } from 'node:path';
import type { Cart } from '#schemas/carts';
import type { FeedReport } from '#schemas/inbound';
import type { FeedId, Item, ItemId } from '#schemas/items';
import type { Order, OrderId, PaymentId } from '#schemas/orders';
import type { Payment } from '#schemas/payments';
import type { Recommendation, RecommendationKey } from '#schemas/recommendations';
import type { UserId } from '#schemas/users';
import type { Wishlist } from '#schemas/wishlists';
import type { ShopViews } from '../views/shop-views.ts';
import { analyticsSchema, embeddedAnalytics } from './analytics-view.ts';
import { DocumentTable } from './document-table.ts';
import { documentView } from './document-view.ts';
import { embeddedFindings, findingsTable } from './findings-view.ts';
import { embeddedInventory, inventorySchema } from './inventory-view.ts';
import { embeddedNotifications, notificationsTable } from './notifications-view.ts';
import { embeddedOrders, liveOrdersTable, orderHistoryTable } from './orders-view.ts';
import { searchSchema } from './search/search-index.ts';
import { embeddedSearch } from './search/search-view.ts';
import { embeddedServiceability, serviceabilitySchema } from './serviceability-view.ts';
import { overDatabase } from './unavailable.ts';
import { AppliedSignal, ViewFile } from './view-file.ts';

const itemsTable = new DocumentTable<ItemId, Item>('items');
const cartsTable = new DocumentTable<UserId, Cart>('carts');
const wishlistsTable = new DocumentTable<UserId, Wishlist>('wishlists');
const paymentsTable = new DocumentTable<PaymentId, Payment>('payments');
const feedsTable = new DocumentTable<FeedId, FeedReport>('feeds');
const recommendationsTable = new DocumentTable<RecommendationKey, Recommendation>(
  'recommendations',
);

const documentTables = [
  itemsTable,
  cartsTable,
  wishlistsTable,
  liveOrdersTable,
  orderHistoryTable,
  paymentsTable,
  feedsTable,
  findingsTable,
  notificationsTable,
  recommendationsTable,
];

const tables = [
  ...documentTables.map(({ schema }) => schema),
  serviceabilitySchema,
  inventorySchema,
  analyticsSchema,
];

export interface EmbeddedViews extends ShopViews {
  close(): void;
}

export interface EmbeddedViewsOptions {
  readonly directory: string;
  /** Beside a shop that may be running: changes nothing, and throws instead. @defaultValue false */
  readonly readOnly?: boolean;
}

/**
 * Creates the directory and files that do not exist, and drops those of another version, unless it
 * is to read only. One process at a time may write them.
 */
export function openEmbeddedViews({ directory, readOnly }: EmbeddedViewsOptions): EmbeddedViews {
  const open = readOnly ? ViewFile.openToRead : ViewFile.open;
  const file = open(join(directory, 'views.db'), tables);
  const searchFile = openSecond(file, () => open(join(directory, 'search.db'), [searchSchema]));
  return {
    ...withTranslatedErrors(viewsIn(file, searchFile)),
    archivalConfirmations: file.writer<OrderId, Order>({
      name: 'archival-confirmations',
      signal: new AppliedSignal(),
      put: () => {},
      delete: () => {},
    }),
    close: () => {
      file.close();
      searchFile.close();
    },
  };
}

function viewsIn(
  file: ViewFile,
  searchFile: ViewFile,
): Omit<ShopViews, 'archivalConfirmations' | 'close'> {
  return {
    items: documentView(file, 'items', itemsTable),
    serviceability: embeddedServiceability(file),
    inventory: embeddedInventory(file),
    carts: documentView(file, 'carts', cartsTable),
    wishlists: documentView(file, 'wishlists', wishlistsTable),
    liveOrders: embeddedOrders(file, 'live-orders', liveOrdersTable),
    orderHistory: embeddedOrders(file, 'order-history', orderHistoryTable),
    payments: documentView(file, 'payments', paymentsTable),
    feeds: documentView(file, 'feeds', feedsTable),
    findings: embeddedFindings(file),
    notifications: embeddedNotifications(file),
    recommendations: documentView(file, 'recommendations', recommendationsTable),
    analytics: embeddedAnalytics(file),
    search: embeddedSearch(searchFile),
  };
}

/** The second file, or neither. */
function openSecond(first: ViewFile, open: () => ViewFile): ViewFile {
  try {
    return open();
  } catch (error) {
    first.close();
    throw error;
  }
}

/** The same views; their readers speak of their file's troubles as the port says. */
function withTranslatedErrors<T extends Readonly<Record<keyof T, { readonly reader: object }>>>(
  views: T,
): T {
  const entries = Object.entries<{ readonly reader: object }>(views).map(([name, view]) => [
    name,
    { ...view, reader: overDatabase(`view '${name}'`, view.reader) },
  ]);
  return Object.fromEntries(entries) as T;
}
