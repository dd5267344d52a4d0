/** Paying, not paying, cancelling: success and expiry crossed in both orders and at one instant. */
import type { OrderCommand, OrderId } from '#schemas/orders';
import { paymentIdOf } from '#schemas/orders';
import type { ChargeId } from '#schemas/payments';
import type { CommandId } from '#schemas/replies';
import { returned } from '../payments/payment.ts';
import {
  anna,
  mumbai,
  paymentDeadlineMs,
  placing,
  rupees,
  SimulatedShop,
  tea,
} from './simulated-shop.ts';

const first = 'order-1' as OrderId;
const payment = paymentIdOf(first);
const total = rupees(16_000);

function openShop(): SimulatedShop {
  const shop = new SimulatedShop();
  shop.receive(tea, mumbai, 5);
  shop.command(first, placing({ [tea]: 1 }));
  shop.settle();
  return shop;
}

let nextEvent = 0;
function gateway(
  shop: SimulatedShop,
  kind: 'captured' | 'declined' | 'refunded',
  { amount = total, chargeId = 'charge-1', refundId = '' } = {},
): void {
  const eventId = `event-${nextEvent++}`;
  const of = { kind, refundId, amount, chargeId: chargeId as ChargeId, at: shop.nowMs };
  const commandId = eventId as CommandId;
  const event = { type: 'RecordGatewayEvent' as const, commandId, gateway: 'sandbox', eventId };
  shop.send({ to: 'payment', key: payment, value: { ...event, ...of } });
}

/** The gateway does every refund that it was asked for. */
function refundAll(shop: SimulatedShop): void {
  shop.settle();
  for (const { request } of shop.gatewayCalls.splice(0)) {
    if (request.type === 'RefundCharge') gateway(shop, 'refunded', request);
  }
  shop.settle();
}

function cancel(shop: SimulatedShop, id = 'cancel-1'): void {
  const commandId = id as CommandId;
  const command: OrderCommand = { type: 'CancelOrder', commandId, by: anna, reason: 'mind' };
  shop.command(first, command);
}

function paymentDue(shop: SimulatedShop, id: string): void {
  shop.command(first, { type: 'PaymentDue', commandId: id as CommandId });
}

function orderOf(shop: SimulatedShop) {
  const order = shop.orders.get(first)?.entry?.order;
  if (order === undefined) throw new Error('the order is gone');
  return order;
}

function reserved(shop: SimulatedShop): number {
  return shop.levels.get(tea)?.warehouses[mumbai]?.reserved ?? Number.NaN;
}

test('a captured payment places the order, and its deadline passes without effect', () => {
  const shop = openShop();
  gateway(shop, 'captured');
  shop.settle();
  expect(orderOf(shop)).toMatchObject({
    status: 'placed',
    payment: { status: 'captured', captured: total, refunded: rupees(0) },
  });
  shop.passTime(paymentDeadlineMs);
  shop.settle();
  expect(orderOf(shop).status).toBe('placed');
  expect(reserved(shop)).toBe(1);
});

test('an unpaid order expires at its deadline, not before, and gives its stock back', () => {
  const shop = openShop();
  shop.passTime(paymentDeadlineMs - 1);
  shop.settle();
  expect(orderOf(shop).status).toBe('awaiting_payment');
  shop.passTime(1);
  shop.settle();
  expect(orderOf(shop)).toMatchObject({
    status: 'expired',
    payment: { status: 'abandoned' },
    shipments: [{ status: 'cancelled' }],
  });
  expect(reserved(shop)).toBe(0);
});

test('who watches the clock ends an unpaid order at its deadline, and not before', () => {
  const shop = openShop();
  shop.nowMs += paymentDeadlineMs - 1;
  paymentDue(shop, 'early');
  shop.settle();
  expect(orderOf(shop).status).toBe('awaiting_payment');
  shop.nowMs += 1;
  paymentDue(shop, 'in-time');
  shop.settle();
  expect(orderOf(shop)).toMatchObject({ status: 'expired', payment: { status: 'abandoned' } });
  expect(reserved(shop)).toBe(0);
  const { version } = orderOf(shop);
  paymentDue(shop, 'again');
  shop.passTime(1);
  shop.settle();
  expect(orderOf(shop).version).toBe(version);
  expect(reserved(shop)).toBe(0);
});

test('a deadline that is told late ends no order that is paid', () => {
  const shop = openShop();
  gateway(shop, 'captured');
  shop.settle();
  shop.nowMs += paymentDeadlineMs;
  paymentDue(shop, 'late');
  shop.settle();
  expect(orderOf(shop).status).toBe('placed');
});

test('a success after expiry is refunded in full, and the order says so', () => {
  const shop = openShop();
  shop.passTime(paymentDeadlineMs);
  shop.settle();
  gateway(shop, 'captured');
  refundAll(shop);
  expect(orderOf(shop)).toMatchObject({
    status: 'expired',
    payment: { status: 'refunded', captured: total, refunded: total },
  });
});

test('a success that payments took before they heard of the expiry is refunded too', () => {
  const shop = openShop();
  gateway(shop, 'captured');
  shop.step(0); // payments accept; the order has not heard
  shop.passTime(paymentDeadlineMs);
  shop.settle();
  expect(orderOf(shop)).toMatchObject({ status: 'expired', payment: { status: 'refunding' } });
  refundAll(shop);
  expect(orderOf(shop).payment).toMatchObject({ status: 'refunded', refunded: total });
  expect(returned(shop.payments.get(payment) as never, 'charge-1' as ChargeId)).toBe(16_000);
});

test('success at the very instant of the deadline, heard first, places the order', () => {
  const shop = openShop();
  shop.nowMs += paymentDeadlineMs;
  gateway(shop, 'captured');
  shop.settle();
  shop.passTime(0);
  shop.settle();
  expect(orderOf(shop).status).toBe('placed');
  expect(shop.gatewayCalls.filter(({ request }) => request.type === 'RefundCharge')).toEqual([]);
});

test('a declined payment cancels the order; a charge that comes later goes back', () => {
  const shop = openShop();
  gateway(shop, 'declined');
  shop.settle();
  expect(orderOf(shop)).toMatchObject({
    status: 'cancelled',
    cancelReason: 'payment declined',
    payment: { status: 'declined' },
  });
  expect(reserved(shop)).toBe(0);
  gateway(shop, 'captured', { chargeId: 'charge-2' });
  refundAll(shop);
  expect(orderOf(shop).payment).toMatchObject({ captured: total, refunded: total });
});

test('cancelling an unpaid order releases its stock and abandons its payment', () => {
  const shop = openShop();
  cancel(shop);
  shop.settle();
  expect(orderOf(shop)).toMatchObject({ status: 'cancelled', cancelReason: 'mind' });
  expect(reserved(shop)).toBe(0);
  expect(shop.payments.get(payment)?.status).toBe('abandoned');
});

test('cancelling a paid order refunds all of it', () => {
  const shop = openShop();
  gateway(shop, 'captured');
  shop.settle();
  cancel(shop);
  refundAll(shop);
  expect(orderOf(shop)).toMatchObject({
    status: 'cancelled',
    payment: { status: 'refunded', captured: total, refunded: total },
  });
  expect(reserved(shop)).toBe(0);
});

test('an ended order cannot be cancelled; the same command again has the same answer', () => {
  const shop = openShop();
  cancel(shop);
  cancel(shop);
  cancel(shop, 'cancel-2');
  shop.settle();
  const [accepted, again, refused] = shop.replies.slice(-3);
  expect(accepted).toMatchObject({ outcome: 'accepted', version: 3 });
  expect(again).toEqual(accepted);
  expect(refused).toMatchObject({
    outcome: 'rejected',
    code: 'order-not-cancellable',
    message: 'an order that is cancelled cannot be cancelled',
  });
  expect(orderOf(shop).version).toBe(3);
});

test('an order that is still being decided cannot be cancelled yet', () => {
  const shop = new SimulatedShop();
  shop.command(first, placing({ [tea]: 1 }));
  cancel(shop);
  shop.step(0);
  shop.step(0);
  expect(shop.replies.at(-1)).toMatchObject({
    code: 'order-not-cancellable',
    message: 'the order is still being decided: try again in a moment',
  });
});

test('a command on an order that never was is refused', () => {
  const shop = new SimulatedShop();
  cancel(shop);
  shop.settle();
  expect(shop.replies).toMatchObject([{ outcome: 'rejected', code: 'order-unknown' }]);
});

test('refusals that anyone can cause are remembered up to a bound, acceptances always', () => {
  const shop = openShop();
  cancel(shop, 'cancel-accepted');
  for (let n = 0; n < 60; n += 1) cancel(shop, `cancel-again-${n}`);
  shop.settle();
  const replies = shop.orders.get(first)?.entry?.replies ?? [];
  expect(replies).toHaveLength(21);
  expect(replies[0]).toMatchObject({ commandId: 'cancel-accepted', outcome: 'accepted' });
});
