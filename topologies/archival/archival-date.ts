/** When an order goes to the history. */
import { isSettled, type Order } from '#schemas/orders';

/** `undefined`: something can still happen to it, be it only a refund that is not done. */
export function archivalDateMs(order: Order, archiveAfterMs: number): number | undefined {
  return isSettled(order) ? order.updatedAt + archiveAfterMs : undefined;
}
