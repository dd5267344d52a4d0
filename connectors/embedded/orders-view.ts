/** Orders, live or archived: two views of one make, so that a reader can merge their lists. */
import type { Order, OrderId } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { decodeCursor, pageOf } from '../views/cursor.ts';
import type { OrderPageRequest } from '../views/orders-view.ts';
import type { StoredOrders } from '../views/shop-views.ts';
import type { Page } from '../views/view.ts';
import { DocumentTable } from './document-table.ts';
import { documentView } from './document-view.ts';
import type { ViewFile } from './view-file.ts';

export const liveOrdersTable = ordersTable('live_orders');
export const orderHistoryTable = ordersTable('order_history');

type OrdersTable = DocumentTable<OrderId, Order>;

function ordersTable(name: string): OrdersTable {
  return new DocumentTable<OrderId, Order>(
    name,
    [
      { definition: 'user_id TEXT NOT NULL', of: (order) => order.userId },
      { definition: 'created_at INTEGER NOT NULL', of: (order) => order.createdAt },
    ],
    `CREATE INDEX ${name}_of_user ON ${name} (user_id, created_at DESC, key DESC);`,
  );
}

export function embeddedOrders(file: ViewFile, name: string, table: OrdersTable): StoredOrders {
  const { reader, writer, entries } = documentView(file, name, table);
  return {
    reader: { ...reader, ofUser: async (userId, page) => ordersOf(file, table, userId, page) },
    writer,
    entries,
  };
}

function ordersOf(
  { database }: ViewFile,
  table: OrdersTable,
  userId: UserId,
  { limit, cursor }: OrderPageRequest,
): Page<Order> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, ['number', 'string']);
  const found = table.select(
    database,
    `WHERE user_id = ? AND json_extract(value, '$.status') <> 'rejected'
     ${after === undefined ? '' : 'AND (created_at, key) < (?, ?)'}
     ORDER BY created_at DESC, key DESC LIMIT ?`,
    [userId, ...(after ?? []), limit + 1],
  );
  return pageOf(found, limit, (last) => [last.createdAt, last.id]);
}
