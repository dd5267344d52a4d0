/** Orders: the commands on an order, its events, its state. Keyed by order id. */
import { avro, type Decoded, topic } from '#streams';
import { ItemId, Sku } from './items.ts';
import { Money } from './money.ts';
import { CommandId } from './replies.ts';
import { CourierId, WarehouseId } from './serviceability.ts';
import { Address, UserId } from './users.ts';

const { array, enumeration, id, int, literal, long, nullable, record, string, timestampMillis } =
  avro;

export const OrderId = id('OrderId');
export type OrderId = Decoded<typeof OrderId>;

/** `<order id>-<number>`, from 1. */
export const ShipmentId = id('ShipmentId');
export type ShipmentId = Decoded<typeof ShipmentId>;

/** One payment an order: `pay_<order id>`. */
export const PaymentId = id('PaymentId');
export type PaymentId = Decoded<typeof PaymentId>;

export function paymentIdOf(orderId: OrderId): PaymentId {
  return `pay_${orderId}` as PaymentId;
}

export function orderIdOf(paymentId: PaymentId): OrderId {
  return paymentId.slice('pay_'.length) as OrderId;
}

/** Avro names take no hyphens: on the wire `awaiting_payment`, over HTTP `awaiting-payment`. */
export const orderStatuses = [
  'reserving',
  'awaiting_payment',
  'placed',
  'packed',
  'partly_shipped',
  'shipped',
  'partly_delivered',
  'delivered',
  'completed',
  'rejected',
  'cancelled',
  'expired',
  'partly_returned',
  'returned',
] as const;
export const OrderStatus = enumeration('OrderStatus', orderStatuses);
export type OrderStatus = Decoded<typeof OrderStatus>;

export const PaymentMethod = enumeration('PaymentMethod', ['prepaid', 'cash_on_delivery']);
export type PaymentMethod = Decoded<typeof PaymentMethod>;

export const PlaceOrder = record('PlaceOrder', {
  type: literal('PlaceOrder'),
  commandId: CommandId,
  userId: UserId,
  address: Address,
  paymentMethod: PaymentMethod,
  /** As the shopper saw them; the order takes today's price and title from the items table. */
  lines: array(record('RequestedLine', { sku: Sku, quantity: int, unitPrice: Money })),
});
export interface PlaceOrder extends Decoded<typeof PlaceOrder> {}

export const CancelOrder = record('CancelOrder', {
  type: literal('CancelOrder'),
  commandId: CommandId,
  by: UserId,
  reason: string,
});
export const RecordShipmentEvent = record('RecordShipmentEvent', {
  type: literal('RecordShipmentEvent'),
  commandId: CommandId,
  shipmentId: ShipmentId,
  event: enumeration('ShipmentEventKind', ['packed', 'shipped', 'delivered', 'lost']),
  at: timestampMillis,
});
export const ReturnLines = record('ReturnLines', {
  type: literal('ReturnLines'),
  commandId: CommandId,
  reason: string,
  lines: array(record('ReturnedLine', { sku: Sku, quantity: int })),
});
/** The order has been written to the history: it leaves the live view. */
export const ConfirmArchived = record('ConfirmArchived', {
  type: literal('ConfirmArchived'),
  commandId: CommandId,
  version: long,
});
/** Somebody watched the clock: the payment's deadline may have passed. It ends nothing that is paid. */
export const PaymentDue = record('PaymentDue', {
  type: literal('PaymentDue'),
  commandId: CommandId,
});
export const OrderCommand = avro.union(
  PlaceOrder,
  CancelOrder,
  RecordShipmentEvent,
  ReturnLines,
  ConfirmArchived,
  PaymentDue,
);
export type OrderCommand = Decoded<typeof OrderCommand>;

export const OrderLine = record('OrderLine', {
  sku: Sku,
  itemId: ItemId,
  title: string,
  quantity: int,
  unitPrice: Money,
  lineTotal: Money,
  returned: int,
});
export interface OrderLine extends Decoded<typeof OrderLine> {}

export const Shipment = record('Shipment', {
  id: ShipmentId,
  warehouseId: WarehouseId,
  courierId: CourierId,
  status: enumeration('ShipmentStatus', [
    'reserved',
    'packed',
    'shipped',
    'delivered',
    'lost',
    'cancelled',
  ]),
  lines: array(record('ShipmentLine', { sku: Sku, quantity: int })),
  fee: Money,
  /** End of the promised day at the warehouse's place. */
  promisedBy: timestampMillis,
});
export interface Shipment extends Decoded<typeof Shipment> {}

export const OrderPayment = record('OrderPayment', {
  id: PaymentId,
  status: enumeration('OrderPaymentStatus', [
    'awaiting',
    'captured',
    'declined',
    'not_needed',
    'abandoned',
    'refunding',
    'refunded',
  ]),
  /** When an unpaid order ends; `null` for cash on delivery. */
  expiresAt: nullable(timestampMillis),
  captured: Money,
  refunded: Money,
});
export interface OrderPayment extends Decoded<typeof OrderPayment> {}

export const FailedLine = record('FailedLine', {
  sku: Sku,
  /** `out-of-stock`, `undeliverable`, `unknown-item`, `price-changed`, `no-cash-on-delivery`. */
  code: string,
  requested: int,
  available: int,
});
export interface FailedLine extends Decoded<typeof FailedLine> {}

export const Order = record('Order', {
  id: OrderId,
  userId: UserId,
  status: OrderStatus,
  lines: array(OrderLine),
  shipments: array(Shipment),
  address: Address,
  paymentMethod: PaymentMethod,
  payment: OrderPayment,
  itemsTotal: Money,
  deliveryFee: Money,
  total: Money,
  /** Why it was rejected; empty unless it was. */
  failedLines: array(FailedLine),
  timeline: array(record('TimelineEntry', { status: OrderStatus, at: timestampMillis })),
  /** Why it was cancelled; `null` unless it was. */
  cancelReason: nullable(string),
  version: long,
  createdAt: timestampMillis,
  updatedAt: timestampMillis,
});
export interface Order extends Decoded<typeof Order> {}

/** The order has a new status. The whole story of an order is its events. */
export const OrderEvent = record('OrderEvent', {
  orderId: OrderId,
  userId: UserId,
  status: OrderStatus,
  /** `null` for the first. */
  before: nullable(OrderStatus),
  total: Money,
  skus: array(Sku),
  at: timestampMillis,
  version: long,
});
export interface OrderEvent extends Decoded<typeof OrderEvent> {}

export const orderCommands = topic('orders.commands', { key: OrderId, value: OrderCommand });
export const orderEvents = topic('orders.events', { key: OrderId, value: OrderEvent });
/** Live orders; a tombstone when the order is in the history. */
export const orders = topic('orders.state', {
  key: OrderId,
  value: Order,
  cleanupPolicy: 'compact',
});
/** Orders that have ended, for the history; as they were when they were archived. */
export const archivedOrders = topic('archival.orders', {
  key: OrderId,
  value: Order,
  cleanupPolicy: 'compact',
});

/** Whether nothing more will happen to an order, its money included. */
export function isSettled(order: Order): boolean {
  return isFinal(order.status) && order.payment.status !== 'refunding';
}

/** Whether nothing more will happen to the goods of an order in this status. */
export function isFinal(status: OrderStatus): boolean {
  return (
    status === 'completed' ||
    status === 'rejected' ||
    status === 'cancelled' ||
    status === 'expired' ||
    status === 'returned'
  );
}
