/**
 * The invariants as the log itself tells them: every level of stock that ever was, and of each
 * payment what came in and went back. Read by tap, so that no view is believed.
 */
import type { OrderReply } from '../journey/replies.ts';
import type { ShopClient } from '../journey/shop-client.ts';

interface Level {
  readonly warehouses: Readonly<
    Record<
      string,
      {
        readonly onHand: number;
        readonly reserved: number;
        readonly received: number;
        readonly adjusted: number;
        readonly shipped: number;
      }
    >
  >;
}

interface Sum {
  readonly amount: number;
}

export interface PaymentRecord {
  readonly id: string;
  readonly status: string;
  readonly charges: readonly {
    readonly id: string;
    readonly amount: Sum;
    readonly accepted: boolean;
  }[];
  readonly refunds: readonly {
    readonly chargeId: string;
    readonly amount: Sum;
    readonly status: string;
  }[];
}

/** Invariants 1 and 2, in every record of the log. */
export async function stockFaults(analyst: ShopClient): Promise<string[]> {
  const faults: string[] = [];
  for (const { key, value } of await analyst.tap<Level>('inventory.levels')) {
    for (const [id, stock] of Object.entries(value?.warehouses ?? {})) {
      const { onHand, reserved, received, adjusted, shipped } = stock;
      const balances = received + adjusted === onHand + shipped;
      if (reserved >= 0 && reserved <= onHand && balances) continue;
      faults.push(`${key} in ${id} does not balance: ${JSON.stringify(stock)}`);
    }
  }
  return faults;
}

/** The last state of each payment, by id. */
export async function paymentsInLog(analyst: ShopClient): Promise<Map<string, PaymentRecord>> {
  const latest = new Map<string, PaymentRecord>();
  for (const { value } of await analyst.tap<PaymentRecord>('payments.state')) {
    if (value) latest.set(value.id, value);
  }
  return latest;
}

const paid = new Set([
  'placed',
  'packed',
  'partly-shipped',
  'shipped',
  'partly-delivered',
  'delivered',
  'completed',
]);
const unpaid = new Set(['cancelled', 'expired', 'rejected']);

/** Invariants 3 to 5: what differs between how an order ended and the money that stayed. */
export function moneyFault(order: OrderReply, payment: PaymentRecord | undefined): string | null {
  const told = () => `order ${order.id} ${order.status}: ${JSON.stringify(payment ?? null)}`;
  const { status, paymentMethod, total } = order;
  if (paymentMethod === 'cash-on-delivery')
    return payment && came(payment) > 0 ? `charged a cash order: ${told()}` : null;
  if (!paid.has(status) && !unpaid.has(status)) return `has not ended: ${told()}`;
  if (!payment) return unpaid.has(status) ? null : `has no payment: ${told()}`;

  const stays = came(payment) - went(payment);
  const wanted = paid.has(status) ? total.amount : 0;
  if (stays !== wanted) return `${stays} paise stay of ${wanted}: ${told()}`;
  const accepted = payment.charges.filter((charge) => charge.accepted);
  if (accepted.length > 1) return `was charged twice: ${told()}`;
  const ids = payment.charges.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) return `a charge counts twice: ${told()}`;
  if (payment.refunds.some((refund) => refund.status !== 'done'))
    return `a refund is not done: ${told()}`;
  return null;
}

function came({ charges }: PaymentRecord): number {
  return charges.reduce((sum, { amount }) => sum + amount.amount, 0);
}

function went({ refunds }: PaymentRecord): number {
  return refunds.reduce((sum, { amount }) => sum + amount.amount, 0);
}

/** Looks until no order has a fault, or until the time is over; answers what is left. */
export async function settledMoneyFaults(
  analyst: ShopClient,
  orders: () => Promise<readonly OrderReply[]>,
  withinMs: number,
): Promise<string[]> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const payments = await paymentsInLog(analyst);
    const seen = await orders();
    const faults = seen.flatMap((order) => moneyFault(order, payments.get(order.payment.id)) ?? []);
    if (faults.length === 0 || Date.now() > deadlineMs) return faults;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
