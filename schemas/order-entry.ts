/**
 * What order taking remembers of one order: the order, what it waits for, and what it answered.
 * Inside the orders topology only; no topic carries it.
 */
import { avro, type Decoded } from '#streams';
import { ReservationOutcome } from './inventory.ts';
import { ItemId, Sku } from './items.ts';
import { Money } from './money.ts';
import { Order, OrderId } from './orders.ts';
import { CommandId, CommandReply } from './replies.ts';
import { DispatchRules, PincodeRoutes } from './serviceability.ts';

const { array, enumeration, int, long, nullable, record, string, timestampMillis } = avro;

/** A line as the shop quoted it at the moment of ordering. */
export const QuotedLine = record('QuotedLine', {
  sku: Sku,
  itemId: ItemId,
  title: string,
  quantity: int,
  unitPrice: Money,
  weightGrams: int,
});
export interface QuotedLine extends Decoded<typeof QuotedLine> {}

/** An order that waits for its reservations, with all that its promise is made from. */
export const PendingReservations = record('PendingReservations', {
  lines: array(QuotedLine),
  routes: PincodeRoutes,
  dispatchRules: array(DispatchRules),
  /** When the shopper ordered: the promise is as of this moment. */
  orderedAt: timestampMillis,
  outcomes: array(ReservationOutcome),
});
export interface PendingReservations extends Decoded<typeof PendingReservations> {}

export const OrderEntry = record('OrderEntry', {
  order: Order,
  /** `null` once every reservation has its outcome. */
  pending: nullable(PendingReservations),
  /** Ids of `PlaceOrder` that wait for the decision. */
  placing: array(CommandId),
  /** The answer to `PlaceOrder` under any command id; `null` until it is decided. */
  placed: nullable(CommandReply),
  /** Answers to the other commands, oldest first. */
  replies: array(CommandReply),
  /** Minor units that payments were asked to give back, done or not. */
  refundsRequested: long,
  /** Movements of money that have been counted: `captured`, ids of refunds and returned charges. */
  moneyCounted: array(string),
});
export interface OrderEntry extends Decoded<typeof OrderEntry> {}

/** What stays of an order that has moved to the history. */
export const ArchivedOrder = record('ArchivedOrder', {
  version: long,
  archivedAt: timestampMillis,
});
export interface ArchivedOrder extends Decoded<typeof ArchivedOrder> {}

/** Something that is due for an order, kept under its time. */
export const OrderTimer = record('OrderTimer', {
  orderId: OrderId,
  kind: enumeration('OrderTimerKind', ['payment_due', 'return_window_over']),
  dueMs: timestampMillis,
});
export interface OrderTimer extends Decoded<typeof OrderTimer> {}
