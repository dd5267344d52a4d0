/** What payments say of an order's money, and what the order makes of it. */
import type { Money } from '#schemas/money';
import type { OrderEntry } from '#schemas/order-entry';
import type { OrderPayment } from '#schemas/orders';
import type { PaymentOutcome } from '#schemas/payments';
import { type Decided, Decision } from './decision.ts';
import { endUnshipped } from './end-order.ts';

export function takePaymentOutcome(
  entry: OrderEntry,
  outcome: PaymentOutcome,
  atMs: number,
): Decided {
  const decision = Decision.on(entry, atMs);
  switch (outcome.type) {
    case 'PaymentCaptured':
      if (countOnce(decision, 'captured')) capture(decision, outcome.amount);
      break;
    case 'PaymentDeclined':
      decline(decision);
      break;
    case 'PaymentRefunded':
      if (countOnce(decision, outcome.refundId)) refunded(decision, outcome.amount.amount);
      break;
    case 'ChargeReturned':
      if (countOnce(decision, outcome.chargeId)) chargeReturned(decision, outcome.amount);
      break;
  }
  return decision.close();
}

/** A topic may be read again: money is counted by the id of what moved it. */
function countOnce(decision: Decision, id: string): boolean {
  const { moneyCounted } = decision.entry;
  if (moneyCounted.includes(id)) return false;
  decision.remember({ moneyCounted: [...moneyCounted, id] });
  return true;
}

/** After expiry or cancellation payments refund it: they have been told to abandon. */
function capture(decision: Decision, { amount }: Money): void {
  const { status, payment } = decision.order;
  const captured = { ...payment.captured, amount: payment.captured.amount + amount };
  if (status === 'awaiting_payment') {
    decision.change({ status: 'placed', payment: { ...payment, status: 'captured', captured } });
  } else {
    decision.remember({ refundsRequested: decision.entry.refundsRequested + amount });
    decision.change({ payment: { ...payment, status: 'refunding', captured } });
  }
}

function decline(decision: Decision): void {
  if (decision.order.status !== 'awaiting_payment') return;
  endUnshipped(decision, 'cancelled', 'payment declined');
  const { payment } = decision.order;
  decision.change({ payment: { ...payment, status: 'declined' } });
}

function refunded(decision: Decision, amount: number): void {
  const { payment } = decision.order;
  const refunded = { ...payment.refunded, amount: payment.refunded.amount + amount };
  // The gateway may have given back by itself what the order never asked for.
  const refundsRequested = Math.max(decision.entry.refundsRequested, refunded.amount);
  decision.remember({ refundsRequested });
  const status = statusAfterRefund({ ...payment, refunded }, refundsRequested);
  decision.change({ payment: { ...payment, status, refunded } });
}

function statusAfterRefund({ captured, refunded }: OrderPayment, requested: number) {
  if (refunded.amount >= captured.amount) return 'refunded';
  return refunded.amount >= requested ? 'captured' : 'refunding';
}

/** It never paid for the order; that it came and went is still told. */
function chargeReturned(decision: Decision, { amount, currency }: Money): void {
  const { payment } = decision.order;
  if (currency !== payment.captured.currency) return;
  decision.remember({ refundsRequested: decision.entry.refundsRequested + amount });
  const isOver = payment.status === 'abandoned' || payment.status === 'declined';
  decision.change({
    payment: {
      ...payment,
      status: isOver ? 'refunded' : payment.status,
      captured: { currency, amount: payment.captured.amount + amount },
      refunded: { currency, amount: payment.refunded.amount + amount },
    },
  });
}
