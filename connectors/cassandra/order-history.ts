/** The history of orders on Cassandra. */
import type { Order, OrderId } from '#schemas/orders';
import { AppliedSignal } from '../applied-signal.ts';
import type { OneWriter, Rebuildable } from '../views/rebuild.ts';
import type { StoredOrders } from '../views/shop-views.ts';
import type { CassandraClient } from './cassandra-client.ts';
import { readWithin } from './cassandra-errors.ts';
import { isKey, parsed } from './documents.ts';
import { entriesOf } from './entries.ts';
import { LiveReads } from './live-reads.ts';
import { listOrders } from './order-list.ts';
import { orderRows } from './order-rows.ts';
import { orderTableNames, orderTables } from './order-tables.ts';
import { rebuildable } from './rebuildable.ts';
import { ViewRegister } from './view-register.ts';
import { requireWhole } from './view-tables.ts';
import { viewWriter } from './view-writer.ts';

export const orderHistoryName = 'order-history';

export type CassandraOrderHistory = StoredOrders & Rebuildable<OneWriter<OrderId, Order>>;

/** `readLimitMs`: after which a read has failed. */
export function orderHistory(client: CassandraClient, readLimitMs: number): CassandraOrderHistory {
  const name = orderHistoryName;
  const register = new ViewRegister(client, name);
  const signal = new AppliedSignal();
  const live = new LiveReads(register);
  const read = <T>(query: (generation: number) => Promise<T>) =>
    readWithin(readLimitMs, name, () => live.read(query));
  const byId = (generation: number) => orderTableNames(client.keyspace, generation).byId;
  const writerOf = (generation?: number) =>
    viewWriter({
      register,
      rows: orderRows(client),
      signal: generation === undefined ? signal : new AppliedSignal(),
      ...(generation === undefined ? {} : { generation }),
    });

  return {
    reader: {
      onApplied: (listener) => signal.onApplied(listener),
      get: async (id) => {
        if (!isKey(id)) return undefined;
        return read(async (generation) => {
          const query = `SELECT value FROM ${byId(generation)} WHERE id = ?`;
          const [row] = await client.read(query, [id]);
          if (row === undefined) await requireWhole(client, orderTables, generation);
          return parsed<Order>(row?.['value']);
        });
      },
      ofUser: (userId, page) =>
        read(async (generation) => {
          const [orders] = await Promise.all([
            listOrders(client, generation, userId, page),
            requireWhole(client, orderTables, generation),
          ]);
          return orders;
        }),
      count: () => readWithin(readLimitMs, name, () => register.entryCount()),
    },
    writer: writerOf(),
    entries: () => entriesOf<OrderId, Order>(client, register, byId, 'id'),
    ...rebuildable({ client, register, tables: orderTables, signal, writerOf }),
  };
}
