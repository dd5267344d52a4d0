/** The views that the cluster profile keeps on MySQL or MariaDB. */
import type { Cart } from '#schemas/carts';
import type { StockLevel } from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { Notification, NotificationId } from '#schemas/notifications';
import type { Order, OrderId, PaymentId } from '#schemas/orders';
import type { Payment } from '#schemas/payments';
import type { Finding, FindingId } from '#schemas/reconciliation';
import type { UserId } from '#schemas/users';
import type { Wishlist } from '#schemas/wishlists';
import type { CartsView, WishlistsView } from '../views/carts-view.ts';
import type { FindingsView } from '../views/findings-view.ts';
import type { InventoryView } from '../views/inventory-view.ts';
import type { NotificationsView } from '../views/notifications-view.ts';
import type { OrdersView } from '../views/orders-view.ts';
import type { PaymentsView } from '../views/payments-view.ts';
import { mysqlFindings } from './findings-view.ts';
import { mysqlInventory } from './inventory-view.ts';
import type { MysqlDatabase } from './mysql-database.ts';
import type { MysqlOptions } from './mysql-options.ts';
import { mysqlNotifications } from './notifications-view.ts';
import { openMigrated } from './open-migrated.ts';
import { mysqlLiveOrders } from './orders-view.ts';
import { type MysqlView, mysqlDocuments } from './stored-view.ts';

export interface MysqlViews {
  readonly carts: MysqlView<CartsView, UserId, Cart>;
  readonly wishlists: MysqlView<WishlistsView, UserId, Wishlist>;
  readonly liveOrders: MysqlView<OrdersView, OrderId, Order>;
  readonly payments: MysqlView<PaymentsView, PaymentId, Payment>;
  readonly inventory: MysqlView<InventoryView, Sku, StockLevel>;
  readonly findings: MysqlView<FindingsView, FindingId, Finding>;
  readonly notifications: MysqlView<NotificationsView, UserId, Notification, NotificationId>;
  /** Lets what is under way end. */
  close(): Promise<void>;
}

/**
 * Several processes may have the same views open, and write them.
 *
 * @throws ViewError `VIEW_UNAVAILABLE` when the server cannot be reached, and Error when its database
 * is of another version than this program.
 */
export async function openMysqlViews(options: MysqlOptions): Promise<MysqlViews> {
  const database = await openMigrated<unknown>(options);
  return { ...viewsIn(database), close: () => database.close() };
}

function viewsIn(database: MysqlDatabase): Omit<MysqlViews, 'close'> {
  return {
    carts: mysqlDocuments<UserId, Cart>(database, 'carts'),
    wishlists: mysqlDocuments<UserId, Wishlist>(database, 'wishlists'),
    liveOrders: mysqlLiveOrders(database),
    payments: mysqlDocuments<PaymentId, Payment>(database, 'payments'),
    inventory: mysqlInventory(database),
    findings: mysqlFindings(database),
    notifications: mysqlNotifications(database),
  };
}
