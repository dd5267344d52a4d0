/** An order in JSON. */
import type { ItemId, Sku } from '#schemas/items';
import {
  type Order,
  type OrderId,
  type OrderStatus,
  orderStatuses,
  type PaymentId,
  type ShipmentId,
} from '#schemas/orders';
import type { CourierId, WarehouseId } from '#schemas/serviceability';
import { addressReply } from '../identity/me-routes.ts';
import {
  type Described,
  integer,
  list,
  nullable,
  object,
  oneOf,
  reply,
  withDescription,
} from '../json-schema.ts';
import { hyphenated, money, nullableRfc3339, rfc3339, time } from '../wire.ts';

const status = oneOf(...orderStatuses.map(hyphenated<OrderStatus>));
export const paymentMethod = oneOf('prepaid', 'cash-on-delivery');

const orderLine = object({
  sku: reply<Sku>(),
  itemId: reply<ItemId>(),
  title: reply(),
  quantity: integer(),
  unitPrice: money,
  lineTotal: money,
  returned: integer(),
});

const shipment = object({
  id: reply<ShipmentId>(),
  warehouseId: reply<WarehouseId>(),
  courierId: reply<CourierId>(),
  status: reply(),
  lines: list(object({ sku: reply<Sku>(), quantity: integer() })),
  fee: money,
  promisedBy: time,
});

const payment = object({
  id: reply<PaymentId>(),
  status: reply(),
  expiresAt: nullable(withDescription(time, 'null: nothing is to be paid now')),
  amount: money,
  refunded: withDescription(
    money,
    'what went back; a return gives back the price, not the delivery',
  ),
});

export const orderReply = object({
  id: reply<OrderId>(),
  status,
  lines: list(orderLine),
  shipments: list(shipment),
  address: addressReply,
  paymentMethod,
  payment,
  itemsTotal: money,
  deliveryFee: money,
  total: money,
  timeline: list(object({ status, at: time })),
  cancelReason: nullable(reply()),
  version: integer(),
  createdAt: time,
  updatedAt: time,
});
export type OrderJson = Described<typeof orderReply>;

export function orderJson(order: Order): OrderJson {
  const { id, lines, address, itemsTotal, deliveryFee, total, cancelReason, version } = order;
  return {
    id,
    status: hyphenated(order.status),
    lines,
    shipments: order.shipments.map((each) => ({
      ...each,
      status: hyphenated(each.status),
      promisedBy: rfc3339(each.promisedBy),
    })),
    address,
    paymentMethod: order.paymentMethod === 'prepaid' ? 'prepaid' : 'cash-on-delivery',
    payment: {
      id: order.payment.id,
      status: hyphenated(order.payment.status),
      expiresAt: nullableRfc3339(order.payment.expiresAt),
      amount: total,
      refunded: order.payment.refunded,
    },
    itemsTotal,
    deliveryFee,
    total,
    timeline: order.timeline.map((each) => ({
      status: hyphenated(each.status),
      at: rfc3339(each.at),
    })),
    cancelReason,
    version,
    createdAt: rfc3339(order.createdAt),
    updatedAt: rfc3339(order.updatedAt),
  };
}
