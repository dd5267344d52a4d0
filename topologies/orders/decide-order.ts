/** Everything that can happen to an order, and the rule that decides it. */
import type { ReservationOutcome } from '#schemas/inventory';
import type { ArchivedOrder, OrderEntry, OrderTimer } from '#schemas/order-entry';
import type { OrderCommand, OrderId } from '#schemas/orders';
import type { PaymentOutcome } from '#schemas/payments';
import { confirmArchived, replyOfArchived } from './archive-order.ts';
import { type Decided, type OrderEffect, refusal } from './decision.ts';
import { cancel, expire } from './end-order.ts';
import { complete, recordShipmentEvent, returnLines } from './fulfilment.ts';
import { takePaymentOutcome } from './payment-outcomes.ts';
import { placeAgain, placeOrder, takeReservation } from './place-order.ts';
import type { Catalogue } from './quote.ts';

export interface OrderRules {
  /** How long an order waits for its payment, in milliseconds. */
  readonly paymentDeadlineMs: number;
  /** How long after its last delivery an order can be returned, in milliseconds. */
  readonly returnWindowMs: number;
}

/** What is remembered under an order's id. */
export interface OrderMemory {
  readonly entry: OrderEntry | undefined;
  readonly archived: ArchivedOrder | undefined;
}

export interface OrderDecision {
  readonly memory: OrderMemory;
  readonly effects: readonly OrderEffect[];
}

/** What comes to an order: a command, or an outcome of what it asked for. */
export type OrderInput = OrderCommand | ReservationOutcome | PaymentOutcome;

/** `atMs`: the record's time. */
export function decideOrder(
  orderId: OrderId,
  memory: OrderMemory,
  input: OrderInput,
  catalogue: Catalogue,
  rules: OrderRules,
  atMs: number,
): OrderDecision {
  const { entry } = memory;
  switch (input.type) {
    case 'PlaceOrder':
    case 'CancelOrder':
    case 'RecordShipmentEvent':
    case 'ReturnLines':
    case 'ConfirmArchived':
    case 'PaymentDue':
      return decideCommand(orderId, memory, input, catalogue, rules, atMs);
    case 'StockReserved':
    case 'ReservationRejected':
    case 'ReservationCommitted':
    case 'ReservationReleased':
      return entry
        ? after(memory, takeReservation(entry, input, atMs, rules.paymentDeadlineMs))
        : unchanged(memory);
    case 'PaymentCaptured':
    case 'PaymentDeclined':
    case 'PaymentRefunded':
    case 'ChargeReturned':
      return entry ? after(memory, takePaymentOutcome(entry, input, atMs)) : unchanged(memory);
  }
}

/** What was due for an order has come due. */
export function decideTimer(memory: OrderMemory, timer: OrderTimer, nowMs: number): OrderDecision {
  const { entry } = memory;
  if (entry === undefined) return unchanged(memory);
  switch (timer.kind) {
    case 'payment_due':
      return after(memory, expire(entry, nowMs));
    case 'return_window_over':
      return after(memory, complete(entry, nowMs));
  }
}

function decideCommand(
  orderId: OrderId,
  memory: OrderMemory,
  command: OrderCommand,
  catalogue: Catalogue,
  rules: OrderRules,
  atMs: number,
): OrderDecision {
  const { archived, entry } = memory;
  const { commandId } = command;
  if (archived) return replied(memory, replyOfArchived(archived, command));
  if (entry === undefined) {
    if (command.type === 'PlaceOrder') {
      return after(memory, placeOrder(orderId, command, catalogue, atMs));
    }
    return replied(memory, refusal(commandId, 'order-unknown', `no order '${orderId}'`, 0));
  }
  const before = entry.replies.find((reply) => reply.commandId === commandId);
  if (before) return replied(memory, before);

  switch (command.type) {
    case 'PlaceOrder':
      return after(memory, placeAgain(entry, command, atMs));
    case 'CancelOrder':
      return after(memory, cancel(entry, command, atMs));
    case 'RecordShipmentEvent':
      return after(memory, recordShipmentEvent(entry, command, atMs, rules.returnWindowMs));
    case 'ReturnLines':
      return after(memory, returnLines(entry, command, atMs));
    case 'PaymentDue':
      return after(memory, expire(entry, atMs, commandId));
    case 'ConfirmArchived': {
      const decided = confirmArchived(entry, command, atMs);
      const { effects } = decided;
      return { memory: { entry: decided.entry, archived: decided.archived }, effects };
    }
  }
}

function after(memory: OrderMemory, { entry, effects }: Decided): OrderDecision {
  return { memory: { ...memory, entry }, effects };
}

function unchanged(memory: OrderMemory): OrderDecision {
  return { memory, effects: [] };
}

function replied(
  memory: OrderMemory,
  reply: Extract<OrderEffect, { to: 'reply' }>['reply'],
): OrderDecision {
  return { memory, effects: [{ to: 'reply', reply }] };
}
