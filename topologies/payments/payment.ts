/**
 * The rules of a payment. Pure. A payment is a set of facts (what was asked, which charges came,
 * which were declined, what went back), each added once; so what a gateway repeats or reorders
 * ends in the same state.
 *
 *   A charge pays when the payment waits for exactly its amount and nothing has paid before.
 *   Every other charge goes back whole: late, second, of a wrong amount.
 */
import type { Money } from '#schemas/money';
import type { OrderId, PaymentId } from '#schemas/orders';
import type {
  Charge,
  ChargeId,
  GatewayRequest,
  Payment,
  PaymentCommand,
  PaymentOutcome,
  Refund,
} from '#schemas/payments';
import type { UserId } from '#schemas/users';

type Command<Type extends PaymentCommand['type']> = Extract<PaymentCommand, { type: Type }>;
type GatewayEvent = Command<'RecordGatewayEvent'>;

export interface PaymentDecision {
  readonly payment: Payment;
  readonly outcomes: readonly PaymentOutcome[];
  readonly requests: readonly GatewayRequest[];
}

/** A decision while it is made: what is told grows beside the payment. */
interface Draft {
  payment: Payment;
  readonly outcomes: PaymentOutcome[];
  readonly requests: GatewayRequest[];
}

const idPrefix = 'pay_';

/** The order of a payment: their ids are made from each other. An id of another make is kept. */
function orderIdOf(paymentId: PaymentId): OrderId {
  const isOurs = paymentId.startsWith(idPrefix);
  return (isOurs ? paymentId.slice(idPrefix.length) : paymentId) as string as OrderId;
}

/** A payment before its first fact. */
export function unrequested(id: PaymentId): Payment {
  return {
    id,
    orderId: orderIdOf(id),
    userId: '' as UserId,
    status: 'unrequested',
    amount: { amount: 0, currency: '' },
    expiresAt: 0,
    charges: [],
    refunds: [],
    declinedChargeIds: [],
    abandoned: false,
    eventIds: [],
    version: 0,
    updatedAt: 0,
  };
}

/** `atMs`: the record's time. The payment is the same object when nothing changed. */
export function decide(before: Payment, command: PaymentCommand, atMs: number): PaymentDecision {
  const draft: Draft = { payment: before, outcomes: [], requests: [] };
  switch (command.type) {
    case 'RequestPayment':
      request(draft, command);
      break;
    case 'AbandonPayment':
      abandon(draft, command);
      break;
    case 'RefundPayment':
      refundPart(draft, command);
      break;
    case 'RecordGatewayEvent':
      record(draft, command);
      break;
  }
  return close(before, draft, atMs);
}

function close(before: Payment, { payment, outcomes, requests }: Draft, atMs: number) {
  if (payment === before) return { payment, outcomes, requests };
  const status = statusOf(payment);
  const version = before.version + 1;
  const updatedAt = Math.max(before.updatedAt, atMs);
  return { payment: { ...payment, status, version, updatedAt }, outcomes, requests };
}

function change(draft: Draft, change: Partial<Payment>): void {
  draft.payment = { ...draft.payment, ...change };
}

function isRequested(payment: Payment): boolean {
  return payment.amount.currency !== '';
}

function request(draft: Draft, command: Command<'RequestPayment'>): void {
  if (isRequested(draft.payment)) return;
  const { amount, expiresAt, orderId, userId } = command;
  change(draft, { amount, expiresAt, orderId, userId });
  draft.requests.push({ type: 'OpenCharge', orderId, amount, expiresAt });
  // What the gateway said before the order did counts from now.
  for (const charge of draft.payment.charges) settle(draft, charge);
  if (draft.payment.declinedChargeIds.length > 0) tellDeclined(draft);
}

function abandon(draft: Draft, { reason }: Command<'AbandonPayment'>): void {
  if (draft.payment.abandoned) return;
  change(draft, { abandoned: true });
  const paid = paidBy(draft.payment);
  if (paid) giveBack(draft, paid, `${paid.id}-abandoned`, left(draft.payment, paid), reason);
}

function refundPart(draft: Draft, command: Command<'RefundPayment'>): void {
  const { amount, reason, refundId } = command;
  const paid = paidBy(draft.payment);
  const known = draft.payment.refunds.some((refund) => refund.id === refundId);
  if (known || paid === undefined || amount.currency !== paid.amount.currency) return;
  giveBack(draft, paid, refundId, Math.min(amount.amount, left(draft.payment, paid)), reason);
}

function record(draft: Draft, event: GatewayEvent): void {
  if (draft.payment.eventIds.includes(event.eventId)) return;
  const { payment } = draft;
  switch (event.kind) {
    case 'captured':
      captured(draft, event);
      break;
    case 'declined':
      declined(draft, event.chargeId);
      break;
    case 'refunded':
      refunded(draft, event);
      break;
  }
  if (draft.payment === payment) return;
  change(draft, { eventIds: [...payment.eventIds, event.eventId] });
}

function captured(draft: Draft, { amount, at, chargeId: id }: GatewayEvent): void {
  if (draft.payment.charges.some((charge) => charge.id === id) || amount.amount <= 0) return;
  const charge: Charge = { id, amount, at, accepted: false };
  change(draft, { charges: [...draft.payment.charges, charge] });
  if (isRequested(draft.payment)) settle(draft, charge);
}

/** Takes a charge as the payment, or sends it back. */
function settle(draft: Draft, charge: Charge): void {
  const why = whyNotAccepted(draft.payment, charge);
  if (why === undefined) {
    const { charges, id: paymentId } = draft.payment;
    const accepted = { ...charge, accepted: true };
    change(draft, { charges: charges.map((each) => (each.id === charge.id ? accepted : each)) });
    draft.outcomes.push({ type: 'PaymentCaptured', paymentId, amount: charge.amount });
  } else {
    giveBack(draft, charge, `${charge.id}-returned`, left(draft.payment, charge), why);
    tellIfReturned(draft, charge.id, why);
  }
}

function whyNotAccepted(payment: Payment, { amount, id }: Charge): string | undefined {
  if (payment.abandoned) return 'the order has ended';
  if (paidBy(payment)) return 'the order has been paid before';
  if (payment.declinedChargeIds.length > 0) return 'the payment was declined';
  if (!isSame(amount, payment.amount)) {
    return `${amount.amount} ${amount.currency} is not ${show(payment.amount)}`;
  }
  const goneBack = payment.refunds.some((refund) => refund.chargeId === id);
  return goneBack ? 'it had gone back before' : undefined;
}

function declined(draft: Draft, chargeId: ChargeId): void {
  const { declinedChargeIds } = draft.payment;
  if (declinedChargeIds.includes(chargeId)) return;
  change(draft, { declinedChargeIds: [...declinedChargeIds, chargeId] });
  if (declinedChargeIds.length === 0) tellDeclined(draft);
}

/** A charge that has paid is not undone by the refusal of another. */
function tellDeclined({ outcomes, payment }: Draft): void {
  if (!isRequested(payment) || payment.abandoned || paidBy(payment)) return;
  outcomes.push({ type: 'PaymentDeclined', paymentId: payment.id });
}

function giveBack(
  draft: Draft,
  { amount: { currency }, id: chargeId }: Charge,
  refundId: string,
  amount: number,
  reason: string,
): void {
  if (amount <= 0) return;
  const money = { amount, currency };
  const refund: Refund = { id: refundId, chargeId, amount: money, status: 'requested', reason };
  change(draft, { refunds: [...draft.payment.refunds, refund] });
  draft.requests.push({ type: 'RefundCharge', refundId, chargeId, amount: money });
}

/** Money has gone back: one of our refunds, or one that the gateway made by itself. */
function refunded(draft: Draft, { amount, chargeId, refundId }: GatewayEvent): void {
  const { id: paymentId, refunds } = draft.payment;
  const known = refunds.find((refund) => refund.id === refundId);
  if (known?.status === 'done' || amount.amount <= 0) return;
  const reason = known?.reason ?? 'refunded at the gateway';
  // The amount is what the gateway says went back, which may be less than it was asked for.
  const done: Refund = { id: refundId, chargeId, amount, status: 'done', reason };
  change(draft, {
    refunds: known ? refunds.map((each) => (each === known ? done : each)) : [...refunds, done],
  });
  const paid = paidBy(draft.payment);
  if (paid?.id === done.chargeId) {
    draft.outcomes.push({ type: 'PaymentRefunded', paymentId, refundId, amount: done.amount });
  } else if (isRequested(draft.payment)) {
    tellIfReturned(draft, done.chargeId, reason);
  }
}

function tellIfReturned(draft: Draft, chargeId: ChargeId, reason: string): void {
  const { charges, id: paymentId } = draft.payment;
  const charge = charges.find((each) => each.id === chargeId);
  if (charge === undefined || returned(draft.payment, chargeId) < charge.amount.amount) return;
  const { amount } = charge;
  draft.outcomes.push({ type: 'ChargeReturned', paymentId, chargeId, amount, reason });
}

/** The charge that pays the order. */
export function paidBy(payment: Payment): Charge | undefined {
  return payment.charges.find((charge) => charge.accepted);
}

/** Minor units of a charge that have gone back. */
export function returned({ refunds }: Payment, chargeId: ChargeId): number {
  return refunds
    .filter((refund) => refund.chargeId === chargeId && refund.status === 'done')
    .reduce((sum, refund) => sum + refund.amount.amount, 0);
}

/** Minor units of a charge that nobody has asked back. */
function left({ refunds }: Payment, { amount, id }: Charge): number {
  return refunds
    .filter((refund) => refund.chargeId === id)
    .reduce((rest, refund) => rest - refund.amount.amount, amount.amount);
}

function statusOf(payment: Payment): Payment['status'] {
  const paid = paidBy(payment);
  if (paid) {
    const isPending = payment.refunds.some(
      ({ chargeId, status }) => chargeId === paid.id && status === 'requested',
    );
    if (isPending) return 'refunding';
    return returned(payment, paid.id) >= paid.amount.amount ? 'refunded' : 'captured';
  }
  if (!isRequested(payment)) return 'unrequested';
  if (payment.abandoned) return 'abandoned';
  return payment.declinedChargeIds.length > 0 ? 'declined' : 'awaiting';
}

function isSame(a: Money, b: Money): boolean {
  return a.amount === b.amount && a.currency === b.currency;
}

function show({ amount, currency }: Money): string {
  return `the ${amount} ${currency} that was asked for`;
}
