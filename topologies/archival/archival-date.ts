/** When an order goes to the history. */
import { isFinal, type Order } from '#schemas/orders';

/** `undefined`: something can still happen to it, be it only a refund that is not done. */
export function archivalDateMs(order: Order, archiveAfterMs: number): number | undefined {
  if (!isFinal(order.status) || order.payment.status === 'refunding') return undefined;
  return order.updatedAt + archiveAfterMs;
}
