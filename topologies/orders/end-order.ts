/** How an order ends before it ships: cancelled, declined, expired. Stock and money go back. */
import type { OrderEntry } from '#schemas/order-entry';
import type { OrderCommand, OrderStatus } from '#schemas/orders';
import type { CommandId } from '#schemas/replies';
import { type Decided, Decision } from './decision.ts';
import { isCancellable } from './order-states.ts';
import { refund } from './refund.ts';

type CancelOrder = Extract<OrderCommand, { type: 'CancelOrder' }>;

export function cancel(entry: OrderEntry, command: CancelOrder, atMs: number): Decided {
  const decision = Decision.on(entry, atMs);
  const { commandId, reason } = command;
  const { status } = entry.order;
  if (!isCancellable(status)) {
    const message =
      status === 'reserving'
        ? 'the order is still being decided: try again in a moment'
        : `an order that is ${status} cannot be cancelled`;
    decision.refuse(commandId, 'order-not-cancellable', message);
  } else {
    endUnshipped(decision, 'cancelled', reason);
    decision.accept(commandId);
  }
  return decision.close();
}

/**
 * The deadline has passed: an order that was paid before it stays as it is. Its own timer says so, and maybe a command
 * too: whichever comes second finds nothing to do.
 */
export function expire(entry: OrderEntry, nowMs: number, commandId?: CommandId): Decided {
  const decision = Decision.on(entry, nowMs);
  const { status, payment } = entry.order;
  const due = payment.expiresAt !== null && payment.expiresAt <= nowMs;
  if (status === 'awaiting_payment' && due) endUnshipped(decision, 'expired', null);
  if (commandId !== undefined) decision.accept(commandId);
  return decision.close();
}

/**
 * Everything reserved goes back to stock. Money that is there is refunded; money that is awaited is
 * abandoned, so that payments refund whatever still comes in.
 */
export function endUnshipped(
  decision: Decision,
  status: Extract<OrderStatus, 'cancelled' | 'expired'>,
  cancelReason: string | null,
): void {
  const { order, orderId } = decision;
  const reason = cancelReason ?? status;
  const shipments = order.shipments.map((shipment) => ({
    ...shipment,
    status: 'cancelled' as const,
  }));
  decision.change({ status, shipments, cancelReason });
  for (const { sku } of order.lines) {
    decision.tell({
      to: 'inventory',
      sku,
      command: { type: 'ReleaseReservation', orderId, reason },
    });
  }
  if (order.payment.status === 'awaiting') {
    decision.change({ payment: { ...order.payment, status: 'abandoned' } });
    decision.tell({ to: 'payment', command: { type: 'AbandonPayment', reason } });
  } else {
    refund(decision, `${orderId}-cancelled`, order.total.amount, reason);
  }
}
