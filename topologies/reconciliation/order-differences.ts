/** What orders, reservations and payments say of one order, and where they disagree. */
import { type ReservationOutcome, ReservedPart } from '#schemas/inventory';
import { Sku } from '#schemas/items';
import { isFinal, Order, type OrderStatus } from '#schemas/orders';
import { type Charge, Payment } from '#schemas/payments';
import { avro, type Decoded } from '#streams';
import type { Difference } from './suspicions.ts';

const { array, boolean, nullable, record } = avro;

const HeldStock = record('HeldStock', { sku: Sku, parts: array(ReservedPart) });
type HeldStock = Decoded<typeof HeldStock>;

export const OrderFacts = record('OrderFacts', {
  order: nullable(Order),
  payment: nullable(Payment),
  stock: array(HeldStock),
  /** It was right when it left for the history: there is nothing left to compare. */
  archived: boolean,
});
export type OrderFacts = Decoded<typeof OrderFacts>;

export type OrderFact =
  | { readonly of: 'order'; readonly order: Order | undefined }
  | { readonly of: 'history' }
  | { readonly of: 'reservation'; readonly outcome: ReservationOutcome }
  | { readonly of: 'payment'; readonly payment: Payment };

export const nothingOfOrder: OrderFacts = {
  order: null,
  payment: null,
  stock: [],
  archived: false,
};

export function noteOrderFact(facts: OrderFacts, fact: OrderFact): OrderFacts {
  if (facts.archived) return facts;
  switch (fact.of) {
    case 'order':
      if (fact.order === undefined) return { ...nothingOfOrder, archived: true };
      return { ...facts, order: fact.order };
    case 'history':
      // Read from the start, a topic of states may no longer have the order, nor its tombstone.
      return facts.order ? facts : { ...nothingOfOrder, archived: true };
    case 'payment':
      return { ...facts, payment: fact.payment };
    case 'reservation':
      return { ...facts, stock: withOutcome(facts.stock, fact.outcome) };
  }
}

/** Setting a part's state twice changes nothing, so a repeated outcome does not either. */
function withOutcome(stock: readonly HeldStock[], outcome: ReservationOutcome): HeldStock[] {
  const { sku } = outcome;
  const others = stock.filter((held) => held.sku !== sku);
  const parts = stock.find((held) => held.sku === sku)?.parts ?? [];
  switch (outcome.type) {
    case 'StockReserved': {
      const fresh = outcome.allocations.map((part) => ({ ...part, state: 'open' as const }));
      return [...others, { sku, parts: parts.length > 0 ? parts : fresh }];
    }
    case 'ReservationRejected':
      return [...stock];
    case 'ReservationCommitted':
      return [...others, { sku, parts: moved(parts, [outcome.allocation], 'committed') }];
    case 'ReservationReleased':
      return [...others, { sku, parts: moved(parts, outcome.allocations, 'released') }];
  }
}

function moved(
  parts: readonly ReservedPart[],
  allocations: readonly { warehouseId: string }[],
  state: ReservedPart['state'],
): ReservedPart[] {
  const touches = (part: ReservedPart) =>
    allocations.some(({ warehouseId }) => warehouseId === part.warehouseId);
  return parts.map((part) => (touches(part) ? { ...part, state } : part));
}

export function orderDifferences(facts: OrderFacts): Difference[] {
  const { order, payment } = facts;
  if (facts.archived) return [];
  if (order === null) return withoutOrder(facts);
  return [
    ...stockDifferences(order, facts.stock),
    ...(payment ? paymentDifferences(order, payment) : []),
    ...unpaid(order, payment),
  ];
}

function units(stock: readonly HeldStock[], ...states: ReservedPart['state'][]): number {
  return stock
    .flatMap((held) => held.parts)
    .filter((part) => states.includes(part.state))
    .reduce((sum, part) => sum + part.quantity, 0);
}

function withoutOrder({ payment, stock }: OrderFacts): Difference[] {
  const differences: Difference[] = [];
  const open = units(stock, 'open');
  if (open > 0) {
    differences.push({
      kind: 'reservation_without_order',
      message: `${open} units are reserved for an order that does not exist`,
      evidence: { open: String(open), skus: stock.map((held) => held.sku).join(', ') },
      remedy: 'release the reservations: send ReleaseReservation for each SKU',
    });
  }
  if (payment) {
    differences.push({
      kind: 'payment_without_order',
      message: `payment '${payment.id}' is ${payment.status} and its order does not exist`,
      evidence: { payment: payment.id, status: payment.status, charges: show(payment.charges) },
      remedy: 'refund what was captured: send AbandonPayment',
    });
  }
  return differences;
}

function stockDifferences(order: Order, stock: readonly HeldStock[]): Difference[] {
  const differences: Difference[] = [];
  const missing = missingLines(order, stock);
  if (missing.length > 0) {
    differences.push({
      kind: 'order_without_reservation',
      message: `the order is ${order.status} and has no stock for ${missing.join(', ')}`,
      evidence: { status: order.status, missing: missing.join(', ') },
      remedy: 'reserve the lines again, or cancel the order',
    });
  }
  const open = units(stock, 'open');
  const unshipped = order.shipments
    .filter((shipment) => shipment.status === 'reserved' || shipment.status === 'packed')
    .flatMap((shipment) => shipment.lines)
    .reduce((sum, line) => sum + line.quantity, 0);
  if (order.status !== 'reserving' && open > unshipped) {
    differences.push({
      kind: 'reservation_open_after_end',
      message: `${open} units are still reserved; the order is ${order.status} and needs ${unshipped}`,
      evidence: { status: order.status, open: String(open), needed: String(unshipped) },
      remedy: isFinal(order.status)
        ? 'release what is open: send ReleaseReservation for each SKU'
        : 'commit what has left: send CommitReservation for each SKU and warehouse',
    });
  }
  return differences;
}

/** An order that is still being decided should be so for a moment only: all it lacks is missing. */
function missingLines(order: Order, stock: readonly HeldStock[]): string[] {
  if (endedUnshipped(order.status)) return [];
  return order.lines
    .filter(({ quantity, sku }) => {
      const held = stock.filter((each) => each.sku === sku);
      return units(held, 'open', 'committed') < quantity || order.status === 'reserving';
    })
    .map(({ quantity, sku }) => `${quantity} of '${sku}'`);
}

function endedUnshipped(status: OrderStatus): boolean {
  return status === 'rejected' || status === 'cancelled' || status === 'expired';
}

function paymentDifferences(order: Order, payment: Payment): Difference[] {
  const differences: Difference[] = [];
  const evidence = {
    order: order.status,
    payment: payment.status,
    charges: show(payment.charges),
    refunds: show(payment.refunds),
  };
  const paid = payment.charges.find((charge) => charge.accepted);
  const waits = order.status === 'reserving' || order.status === 'awaiting_payment';
  if (paid && waits) {
    const message = `charge '${paid.id}' was captured and the order is still ${order.status}`;
    const remedy = 'tell the order again: repeat PaymentCaptured on payments.outcomes';
    differences.push({ kind: 'captured_but_not_placed', message, evidence, remedy });
  }
  const unreturned = payment.charges.filter((charge) => owedBack(order, payment, charge) > 0);
  const pending = payment.refunds.filter((refund) => refund.status === 'requested');
  if (unreturned.length > 0 || pending.length > 0) {
    const what = [...unreturned, ...pending].map(({ id }) => `'${id}'`).join(', ');
    const message = `money should have gone back and has not: ${what}`;
    const remedy = 'ask the gateway for the refund’s state; ask for the refund again by its id';
    differences.push({ kind: 'refund_missing', message, evidence, remedy });
  }
  const wrong = payment.charges.filter((charge) => isWrong(payment, charge));
  if (wrong.length > 0) {
    const { amount, currency } = payment.amount;
    const message = `the gateway charged ${show(wrong)} where ${amount} ${currency} was asked for`;
    const remedy = 'it is being refunded whole; find out from the gateway how it came about';
    differences.push({ kind: 'wrong_charge', message, evidence, remedy });
  }
  return differences;
}

/** Minor units of a charge that ought to be back and are not. */
function owedBack(order: Order, payment: Payment, charge: Charge): number {
  if (charge.accepted && !endedUnshipped(order.status)) return 0;
  if (payment.status === 'unrequested') return 0;
  return charge.amount.amount - back(payment, charge);
}

function isWrong(payment: Payment, charge: Charge): boolean {
  const { amount, currency } = payment.amount;
  const isRight = charge.amount.amount === amount && charge.amount.currency === currency;
  const isRequested = payment.status !== 'unrequested';
  return isRequested && !isRight && back(payment, charge) < charge.amount.amount;
}

function back({ refunds }: Payment, { id }: Charge): number {
  return refunds
    .filter((refund) => refund.chargeId === id && refund.status === 'done')
    .reduce((sum, refund) => sum + refund.amount.amount, 0);
}

/** Goods go out only for money. */
function unpaid(order: Order, payment: Payment | null): Difference[] {
  const { paymentMethod, status, total } = order;
  const isOpen = status === 'reserving' || status === 'awaiting_payment';
  if (paymentMethod !== 'prepaid' || total.amount === 0 || isOpen) return [];
  if (endedUnshipped(status) || payment?.charges.some((charge) => charge.accepted)) return [];
  return [
    {
      kind: 'placed_but_not_captured',
      message: `the order is ${status} and its payment is ${payment?.status ?? 'not there'}`,
      evidence: { status, payment: payment?.status ?? '', total: String(total.amount) },
      remedy:
        'stop its shipments; ask the gateway for the charge; cancel the order if there is none',
    },
  ];
}

function show(of: readonly { id: string; amount: { amount: number; currency: string } }[]): string {
  return of.map(({ amount, id }) => `${id} ${amount.amount} ${amount.currency}`).join(', ');
}
