/** Payments: one an order. Commands and gateway events in; the order hears the outcome. */
import { avro, type Decoded, topic } from '#streams';
import { Money } from './money.ts';
import { OrderId, PaymentId } from './orders.ts';
import { CommandId } from './replies.ts';
import { UserId } from './users.ts';

const { array, boolean, enumeration, id, literal, long, record, string, timestampMillis, union } =
  avro;

/** The gateway's id of one charge. */
export const ChargeId = id('ChargeId');
export type ChargeId = Decoded<typeof ChargeId>;

export const RequestPayment = record('RequestPayment', {
  type: literal('RequestPayment'),
  orderId: OrderId,
  userId: UserId,
  amount: Money,
  expiresAt: timestampMillis,
});
/** The order ended unpaid: what arrives from now on is refunded. */
export const AbandonPayment = record('AbandonPayment', {
  type: literal('AbandonPayment'),
  reason: string,
});
/** Refunds a part of what paid the order; at most what has not been refunded yet. */
export const RefundPayment = record('RefundPayment', {
  type: literal('RefundPayment'),
  /** The same id refunds once. */
  refundId: string,
  amount: Money,
  reason: string,
});
/** What a gateway's webhook said, after its signature was checked. */
export const RecordGatewayEvent = record('RecordGatewayEvent', {
  type: literal('RecordGatewayEvent'),
  commandId: CommandId,
  gateway: string,
  /** The gateway's id of the event: a repeat changes nothing. */
  eventId: string,
  kind: enumeration('GatewayEventKind', ['captured', 'declined', 'refunded']),
  chargeId: ChargeId,
  /** Set for `refunded`; else empty. */
  refundId: string,
  amount: Money,
  at: timestampMillis,
});
export const PaymentCommand = union(
  RequestPayment,
  AbandonPayment,
  RefundPayment,
  RecordGatewayEvent,
);
export type PaymentCommand = Decoded<typeof PaymentCommand>;

export const Charge = record('Charge', {
  id: ChargeId,
  amount: Money,
  at: timestampMillis,
  /** Whether it pays the order. Every other charge goes back whole. */
  accepted: boolean,
});
export interface Charge extends Decoded<typeof Charge> {}
export const Refund = record('Refund', {
  id: string,
  chargeId: ChargeId,
  amount: Money,
  status: enumeration('RefundStatus', ['requested', 'done']),
  reason: string,
});
export interface Refund extends Decoded<typeof Refund> {}

export const Payment = record('Payment', {
  id: PaymentId,
  orderId: OrderId,
  userId: UserId,
  /** `unrequested`: the gateway spoke before the order did; no amount and no user yet. */
  status: enumeration('PaymentStatus', [
    'unrequested',
    'awaiting',
    'captured',
    'declined',
    'abandoned',
    'refunding',
    'refunded',
  ]),
  amount: Money,
  expiresAt: timestampMillis,
  /** Money that came in. More than one is the gateway's mistake: all but the first are refunded. */
  charges: array(Charge),
  refunds: array(Refund),
  /** Charges that the gateway declined. */
  declinedChargeIds: array(ChargeId),
  /** The order has ended unpaid: every charge goes back. */
  abandoned: boolean,
  /** Gateway events that changed something. */
  eventIds: array(string),
  version: long,
  updatedAt: timestampMillis,
});
export interface Payment extends Decoded<typeof Payment> {}

export const PaymentCaptured = record('PaymentCaptured', {
  type: literal('PaymentCaptured'),
  paymentId: PaymentId,
  amount: Money,
});
export const PaymentDeclined = record('PaymentDeclined', {
  type: literal('PaymentDeclined'),
  paymentId: PaymentId,
});
export const PaymentRefunded = record('PaymentRefunded', {
  type: literal('PaymentRefunded'),
  paymentId: PaymentId,
  refundId: string,
  amount: Money,
});
/** A charge that did not count as payment (late, double, of a wrong amount) has gone back whole. */
export const ChargeReturned = record('ChargeReturned', {
  type: literal('ChargeReturned'),
  paymentId: PaymentId,
  chargeId: ChargeId,
  amount: Money,
  reason: string,
});
export const PaymentOutcome = union(
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  ChargeReturned,
);
export type PaymentOutcome = Decoded<typeof PaymentOutcome>;

/** What a gateway is asked to do. Done at least once: the ids make a repeat harmless. */
export const OpenCharge = record('OpenCharge', {
  type: literal('OpenCharge'),
  orderId: OrderId,
  amount: Money,
  expiresAt: timestampMillis,
});
export const RefundCharge = record('RefundCharge', {
  type: literal('RefundCharge'),
  refundId: string,
  chargeId: ChargeId,
  amount: Money,
});
export const GatewayRequest = union(OpenCharge, RefundCharge);
export type GatewayRequest = Decoded<typeof GatewayRequest>;

export const paymentCommands = topic('payments.commands', {
  key: PaymentId,
  value: PaymentCommand,
});
export const paymentOutcomes = topic('payments.outcomes', { key: OrderId, value: PaymentOutcome });
export const payments = topic('payments.state', {
  key: PaymentId,
  value: Payment,
  cleanupPolicy: 'compact',
});
export const gatewayRequests = topic('payments.gateway-requests', {
  key: PaymentId,
  value: GatewayRequest,
});
