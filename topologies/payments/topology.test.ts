import { readFileSync } from 'node:fs';
import { type OrderId, paymentIdOf } from '#schemas/orders';
import {
  type ChargeId,
  gatewayRequests,
  type PaymentCommand,
  paymentCommands,
  paymentOutcomes,
  payments,
} from '#schemas/payments';
import { type CommandId, commandReplies } from '#schemas/replies';
import type { UserId } from '#schemas/users';
import { input, scenario } from '#streams/testing';
import { paymentsTopology } from './topology.ts';

const orderId = 'order-1' as OrderId;
const paymentId = paymentIdOf(orderId);
const amount = { amount: 26_000, currency: 'INR' };

const at = (command: PaymentCommand) => input(paymentCommands, paymentId, command, 7);
const request = at({
  type: 'RequestPayment',
  orderId,
  userId: 'anna' as UserId,
  amount,
  expiresAt: 900,
});
const abandon = at({ type: 'AbandonPayment', reason: 'expired' });
const captured = (charge: string, eventId = `event-${charge}`) =>
  at({
    type: 'RecordGatewayEvent',
    commandId: eventId as CommandId,
    gateway: 'sandbox',
    eventId,
    kind: 'captured',
    chargeId: charge as ChargeId,
    refundId: '',
    amount,
    at: 5,
  });
const accepted = (commandId: string, version: number) => ({
  commandId: commandId as CommandId,
  outcome: 'accepted' as const,
  version,
  code: null,
  message: null,
  details: [],
});

test('is wired as topology.txt says', () => {
  const golden = readFileSync(new URL('./topology.txt', import.meta.url), 'utf8');
  expect(paymentsTopology().describe()).toBe(golden);
});

test('opens one charge at the gateway, however often it is asked', () => {
  scenario(paymentsTopology())
    .when(request, request)
    .thenEmitsRecords(gatewayRequests, [
      [paymentId, { type: 'OpenCharge', orderId, amount, expiresAt: 900 }],
    ]);
});

test('tells the order, by its id, that it is paid, and answers the webhook', () => {
  scenario(paymentsTopology())
    .given(request)
    .when(captured('charge-1'))
    .thenEmitsRecords(paymentOutcomes, [[orderId, { type: 'PaymentCaptured', paymentId, amount }]])
    .thenEmitsRecords(commandReplies, [[paymentId, accepted('event-charge-1', 2)]]);
});

test('a webhook that comes again is answered and changes nothing', () => {
  scenario(paymentsTopology())
    .given(request, captured('charge-1'))
    .when(captured('charge-1'), captured('charge-1', 'another-event'))
    .thenEmits(payments, [])
    .thenEmits(paymentOutcomes, [])
    .thenEmits(gatewayRequests, [])
    .thenEmits(commandReplies, [accepted('event-charge-1', 2), accepted('another-event', 2)]);
});

test('sends back a charge that comes after the order has ended', () => {
  scenario(paymentsTopology())
    .given(request, abandon)
    .when(captured('charge-1'))
    .thenEmits(paymentOutcomes, [])
    .thenEmits(gatewayRequests, [
      {
        type: 'RefundCharge',
        refundId: 'charge-1-returned',
        chargeId: 'charge-1' as ChargeId,
        amount,
      },
    ]);
});
