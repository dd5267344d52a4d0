/** Asking for money back. */
import type { Decision } from './decision.ts';

/**
 * Asks payments to give back `amount` minor units, at most what was captured and has not been asked
 * back yet. Cash on delivery was never captured: that refund is made in cash, outside of this.
 */
export function refund(decision: Decision, refundId: string, amount: number, reason: string): void {
  const { captured } = decision.order.payment;
  const { refundsRequested } = decision.entry;
  const left = Math.min(amount, captured.amount - refundsRequested);
  if (left <= 0) return;
  decision.remember({ refundsRequested: refundsRequested + left });
  const money = { ...captured, amount: left };
  decision.change({ payment: { ...decision.order.payment, status: 'refunding' } });
  decision.tell({
    to: 'payment',
    command: { type: 'RefundPayment', refundId, amount: money, reason },
  });
}
