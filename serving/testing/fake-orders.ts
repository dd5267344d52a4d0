/** A decider of orders for tests: places what is in stock, cancels what is placed. */
import type { Item } from '#schemas/items';
import {
  type Order,
  type OrderCommand,
  type OrderId,
  type PlaceOrder,
  paymentIdOf,
} from '#schemas/orders';
import type { CourierId, WarehouseId } from '#schemas/serviceability';
import { sum, times } from '../wire.ts';
import {
  accepted,
  type Decider,
  type Decision,
  isInStock,
  itemOf,
  rejected,
} from './fake-deciders.ts';
import type { FakeViews } from './fake-views.ts';

type Tables = FakeViews['tables'];

export function decideOrder(tables: Tables, nowMs: () => number): Decider {
  return (key, input) => {
    const command = input as OrderCommand;
    const id = key as OrderId;
    if (command.type === 'PlaceOrder') return place(tables, id, command, nowMs());

    const order = tables.liveOrders.rows.get(id);
    if (!order) return rejected('order-unknown');
    const status = command.type === 'CancelOrder' ? 'cancelled' : 'packed';
    if (order.status === 'cancelled') return rejected('order-not-cancellable');
    const version = order.version + 1;
    const timeline = [...order.timeline, { status, at: nowMs() } as const];
    tables.liveOrders.put(id, { ...order, status, version, timeline, updatedAt: nowMs() });
    return accepted(version);
  };
}

function place(tables: Tables, id: OrderId, command: PlaceOrder, at: number): Decision {
  const missing = command.lines.filter(({ sku, quantity }) => !isInStock(tables, sku, quantity));
  if (missing.length > 0) {
    const details = missing.map(({ sku, quantity }) => {
      return { sku, code: 'out-of-stock', requested: String(quantity), available: '0' };
    });
    return rejected('out-of-stock', details);
  }
  const items = command.lines.map(({ sku }) => itemOf(tables, sku));
  tables.liveOrders.put(id, orderOf(id, command, items, at));
  tables.carts.put(command.userId, undefined);
  return accepted(1);
}

function orderOf(id: OrderId, command: PlaceOrder, items: (Item | undefined)[], at: number): Order {
  const { userId, address, paymentMethod } = command;
  const lines = command.lines.map(({ sku, quantity, unitPrice }, index) => {
    const title = items[index]?.title ?? sku;
    const itemId = items[index]?.id ?? (sku as string as Item['id']);
    const lineTotal = times(unitPrice, quantity);
    return { sku, itemId, title, quantity, unitPrice, lineTotal, returned: 0 };
  });
  const nothing = { amount: 0, currency: 'INR' };
  const itemsTotal = sum(
    lines.map(({ lineTotal }) => lineTotal),
    'INR',
  );
  const status = paymentMethod === 'prepaid' ? 'awaiting_payment' : 'placed';
  return {
    id,
    userId,
    status,
    lines,
    shipments: [
      {
        id: `${id}-1` as Order['shipments'][number]['id'],
        warehouseId: 'BLR' as WarehouseId,
        courierId: 'swift' as CourierId,
        status: 'reserved',
        lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
        fee: nothing,
        promisedBy: at + 86_400_000,
      },
    ],
    address,
    paymentMethod,
    payment: {
      id: paymentIdOf(id),
      status: paymentMethod === 'prepaid' ? 'awaiting' : 'not_needed',
      expiresAt: paymentMethod === 'prepaid' ? at + 900_000 : null,
      captured: nothing,
      refunded: nothing,
    },
    itemsTotal,
    deliveryFee: nothing,
    total: itemsTotal,
    failedLines: [],
    timeline: [{ status, at }],
    cancelReason: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}
