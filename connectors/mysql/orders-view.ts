/** Live orders, by id and as lists of their users. */
import type { Order, OrderId } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { decodeCursor, pageOf } from '../views/cursor.ts';
import type { OrderPageRequest, OrdersView } from '../views/orders-view.ts';
import { newestFirst } from './document-table.ts';
import type { MysqlDatabase } from './mysql-database.ts';
import { documentTables, type MysqlView, mysqlView } from './stored-view.ts';

export function mysqlLiveOrders(database: MysqlDatabase): MysqlView<OrdersView, OrderId, Order> {
  const { table, tables } = documentTables<OrderId, Order>('live-orders', 'live_orders', [
    { name: 'user_id', of: ({ userId }) => userId },
    // What was rejected before it was placed is no order to who wanted it.
    { name: 'is_listed', of: ({ status }) => (status === 'rejected' ? 0 : 1) },
    { name: 'created_at', of: ({ createdAt }) => createdAt },
  ]);
  return mysqlView<OrdersView, OrderId, Order>(database, {
    tables,
    reader: {
      get: (id: OrderId) => database.read((executor) => table.get(executor, id)),
      count: () => database.read((executor) => table.count(executor)),
      ofUser: async (userId: UserId, { limit, cursor }: OrderPageRequest) => {
        const after = cursor === undefined ? undefined : decodeCursor(cursor, ['number', 'string']);
        const { clause, parameters } = newestFirst({
          index: 'live_orders_of_user',
          conditions: ['user_id = ?', 'is_listed = 1'],
          parameters: [userId],
          time: 'created_at',
          after,
          limit,
        });
        const found = await database.read((executor) => table.select(executor, clause, parameters));
        return pageOf(found, limit, (last) => [last.createdAt, last.id]);
      },
    },
    entriesAfter: (executor, after) => table.entriesAfter(executor, after),
  });
}
