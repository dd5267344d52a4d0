/**
 * Ends orders whose payment has not come, at its deadline: told by the shared deadlines, decided by the order itself.
 * The order's own timer is the net under it, so that a deadline that is never told costs half a second.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { orderCommands, orderIdOf } from '#schemas/orders';
import type { CommandId } from '#schemas/replies';
import type { PaymentDeadlines } from '../../connectors/redis/payment-deadlines.ts';
import type { Clock } from '../../serving/dependencies.ts';
import type { TopicWriter } from '../../serving/topic-writer.ts';

/** A clock that is behind by more is waited for no longer: the deadline is told again. */
const mostBehindMs = 5_000;

/** Answers the way to stop, which waits for commands that are under way. */
export function endUnpaidOrders({
  deadlines,
  writer,
  clock,
}: {
  readonly deadlines: Pick<PaymentDeadlines, 'onDue'>;
  readonly writer: TopicWriter;
  readonly clock: Clock;
}): () => Promise<void> {
  return deadlines.onDue(async (paymentId, atMs) => {
    // The order goes by the time of the record, which is of this process's clock.
    const behindMs = atMs - clock.nowMs();
    if (behindMs > mostBehindMs) throw new Error(`${paymentId} is due only in ${behindMs} ms`);
    if (behindMs > 0) await delay(behindMs);
    const commandId = `${paymentId}-due-${clock.nowMs()}` as CommandId;
    const value = { type: 'PaymentDue' as const, commandId };
    await writer.append(orderCommands, [{ key: orderIdOf(paymentId), value }]);
  });
}
