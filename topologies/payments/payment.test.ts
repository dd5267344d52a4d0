/** One charge pays, all else goes back, whatever a gateway repeats or reorders. */
import fc from 'fast-check';
import type { Money } from '#schemas/money';
import type { OrderId, PaymentId } from '#schemas/orders';
import type {
  ChargeId,
  GatewayRequest,
  Payment,
  PaymentCommand,
  PaymentOutcome,
} from '#schemas/payments';
import type { CommandId } from '#schemas/replies';
import type { UserId } from '#schemas/users';
import { decide, paidBy, returned, unrequested } from './payment.ts';

const paymentId = 'pay_order-anna' as PaymentId;
const orderId = 'order-anna' as OrderId;
const rupees = (amount: number): Money => ({ amount, currency: 'INR' });
const price = rupees(1_000);

type Command<Type extends PaymentCommand['type']> = Extract<PaymentCommand, { type: Type }>;

const request: Command<'RequestPayment'> = {
  type: 'RequestPayment',
  orderId,
  userId: 'anna' as UserId,
  amount: price,
  expiresAt: 900_000,
};
const abandon: PaymentCommand = { type: 'AbandonPayment', reason: 'expired' };
const refundPart = (refundId: string, amount: number): PaymentCommand => ({
  type: 'RefundPayment',
  refundId,
  amount: rupees(amount),
  reason: 'returned',
});

let nextEvent = 0;
function gateway(
  kind: Command<'RecordGatewayEvent'>['kind'],
  chargeId: string,
  { amount = price, refundId = '', eventId = `event-${nextEvent++}` } = {},
): Command<'RecordGatewayEvent'> {
  return {
    type: 'RecordGatewayEvent',
    commandId: eventId as CommandId,
    gateway: 'sandbox',
    eventId,
    kind,
    chargeId: chargeId as ChargeId,
    refundId,
    amount,
    at: 5,
  };
}

interface Ended {
  payment: Payment;
  outcomes: PaymentOutcome[];
  requests: GatewayRequest[];
}

function after(...commands: PaymentCommand[]): Ended {
  const ended: Ended = { payment: unrequested(paymentId), outcomes: [], requests: [] };
  for (const command of commands) {
    const { outcomes, payment, requests } = decide(ended.payment, command, 10);
    ended.payment = payment;
    ended.outcomes.push(...outcomes);
    ended.requests.push(...requests);
  }
  return ended;
}

/** A gateway that does what it is asked, so that a story can be told to its end. */
function settled(...commands: PaymentCommand[]): Ended {
  const ended = after(...commands);
  const done = new Set<string>();
  for (const asked of ended.requests) {
    if (asked.type !== 'RefundCharge' || done.has(asked.refundId)) continue;
    done.add(asked.refundId);
    const { amount, chargeId, refundId } = asked;
    const { outcomes, payment } = decide(
      ended.payment,
      gateway('refunded', chargeId, { amount, refundId }),
      20,
    );
    ended.payment = payment;
    ended.outcomes.push(...outcomes);
  }
  return ended;
}

const chargeId = fc.constantFrom('charge-1', 'charge-2', 'charge-3');
const command: fc.Arbitrary<PaymentCommand> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(request) },
  { weight: 1, arbitrary: fc.constant(abandon) },
  {
    weight: 6,
    arbitrary: fc
      .record({ chargeId, repeat: fc.nat(1) })
      // A gateway's charge has one amount, however often it is told.
      .map((of) =>
        gateway('captured', of.chargeId, {
          amount: of.chargeId === 'charge-3' ? rupees(999) : price,
          eventId: `captured-${of.chargeId}-${of.repeat}`,
        }),
      ),
  },
  {
    weight: 1,
    arbitrary: chargeId.map((id) => gateway('declined', id, { eventId: `declined-${id}` })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ n: fc.nat(3), amount: fc.integer({ min: 1, max: 700 }) })
      .map((of) => refundPart(`refund-${of.n}`, of.amount)),
  },
);

function units(of: readonly { amount: Money }[]): number {
  return of.reduce((sum, { amount }) => sum + amount.amount, 0);
}

test('accepts one charge at most, sends all others back whole, and never more than it took', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
      const { outcomes, payment, requests } = after(...commands, request);
      const captured = outcomes.filter(({ type }) => type === 'PaymentCaptured');
      expect(captured.length).toBeLessThanOrEqual(1);
      expect(payment.charges.filter((charge) => charge.accepted)).toHaveLength(captured.length);
      for (const charge of payment.charges) {
        const asked = units(payment.refunds.filter((refund) => refund.chargeId === charge.id));
        expect(asked).toBeLessThanOrEqual(charge.amount.amount);
        if (!charge.accepted || payment.abandoned) expect(asked).toBe(charge.amount.amount);
      }
      const refundIds = requests.flatMap((of) => (of.type === 'RefundCharge' ? of.refundId : []));
      expect(new Set(refundIds).size).toBe(refundIds.length);
      expect(requests.filter(({ type }) => type === 'OpenCharge')).toHaveLength(1);
    }),
    { numRuns: 500 },
  );
});

test('what was asked back and done adds up: money in is paid or returned', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
      const { outcomes, payment } = settled(...commands, request);
      for (const charge of payment.charges) {
        if (charge.accepted) continue;
        expect(returned(payment, charge.id)).toBe(charge.amount.amount);
      }
      const paid = paidBy(payment);
      const told = outcomes.flatMap((of) => (of.type === 'PaymentRefunded' ? [of] : []));
      expect(units(told)).toBe(paid ? returned(payment, paid.id) : 0);
      expect(payment.status).not.toBe('refunding');
    }),
    { numRuns: 500 },
  );
});

test('a repeat of anything changes nothing and asks for nothing', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 20 }), fc.nat(), (commands, pick) => {
      const { payment } = after(...commands);
      const repeated = commands[pick % commands.length] as PaymentCommand;
      // A refund that could not be made before there was a charge is no fact yet.
      fc.pre(repeated.type !== 'RefundPayment' || payment.refunds.some(isOf(repeated)));
      const again = decide(payment, repeated, 30);
      expect(again.payment).toBe(payment);
      expect(again.outcomes).toEqual([]);
      expect(again.requests).toEqual([]);
    }),
  );
});

function isOf({ refundId }: Command<'RefundPayment'>) {
  return (refund: { id: string }) => refund.id === refundId;
}

test('a charge before the request counts as soon as the request comes', () => {
  const early = after(gateway('captured', 'charge-1'));
  expect(early.payment.status).toBe('unrequested');
  expect(early.outcomes).toEqual([]);
  const { outcomes, payment } = after(gateway('captured', 'charge-1'), request);
  expect(outcomes).toEqual([{ type: 'PaymentCaptured', paymentId, amount: price }]);
  expect(payment).toMatchObject({ orderId, status: 'captured' });
});

test('the second charge of a payment goes back', () => {
  const { outcomes, requests } = settled(
    request,
    gateway('captured', 'charge-1'),
    gateway('captured', 'charge-2'),
  );
  expect(requests).toContainEqual({
    type: 'RefundCharge',
    refundId: 'charge-2-returned',
    chargeId: 'charge-2',
    amount: price,
  });
  expect(outcomes.map(({ type }) => type)).toEqual(['PaymentCaptured', 'ChargeReturned']);
});

test.each`
  name                    | wrong
  ${'too little'}         | ${rupees(999)}
  ${'too much'}           | ${rupees(1_001)}
  ${'a foreign currency'} | ${{ amount: 1_000, currency: 'USD' }}
`('$name is no payment and goes back; the right charge may still come', ({ wrong }) => {
  const first = after(request, gateway('captured', 'charge-1', { amount: wrong }));
  expect(first.payment.status).toBe('awaiting');
  expect(first.requests.at(-1)).toMatchObject({ type: 'RefundCharge', amount: wrong });
  const { payment } = after(
    request,
    gateway('captured', 'charge-1', { amount: wrong }),
    gateway('captured', 'charge-2'),
  );
  expect(payment.status).toBe('captured');
});

test.each`
  order          | commands
  ${'after it'}  | ${[request, abandon, gateway('captured', 'charge-1')]}
  ${'before it'} | ${[request, gateway('captured', 'charge-1'), abandon]}
`('a charge that comes $order goes back when the order is abandoned', ({ commands }) => {
  const { payment } = settled(...commands);
  expect(returned(payment, 'charge-1' as ChargeId)).toBe(1_000);
});

test('a charge whose refund was told first is no payment', () => {
  const { outcomes, payment } = after(
    request,
    gateway('refunded', 'charge-1', { refundId: 'at-the-desk' }),
    gateway('captured', 'charge-1'),
  );
  expect(payment.status).toBe('awaiting');
  expect(outcomes.map(({ type }) => type)).toEqual(['ChargeReturned']);
});

test('a refused card ends the payment; a charge after it goes back', () => {
  const { outcomes, payment } = settled(
    request,
    gateway('declined', 'charge-1'),
    gateway('captured', 'charge-2'),
  );
  expect(payment.status).toBe('declined');
  expect(outcomes.map(({ type }) => type)).toEqual(['PaymentDeclined', 'ChargeReturned']);
});

test('the refusal of another card does not undo a charge that has paid', () => {
  const { outcomes, payment } = after(
    request,
    gateway('captured', 'charge-1'),
    gateway('declined', 'charge-2'),
  );
  expect(payment.status).toBe('captured');
  expect(outcomes.map(({ type }) => type)).toEqual(['PaymentCaptured']);
});

test('refunds of parts add up to the charge and no further', () => {
  const { payment } = settled(
    request,
    gateway('captured', 'charge-1'),
    refundPart('one', 700),
    refundPart('two', 700),
    refundPart('three', 700),
  );
  expect(payment.refunds.map((refund) => refund.amount.amount)).toEqual([700, 300]);
  expect(payment.status).toBe('refunded');
});

test('a refund that the gateway tells twice, as two events, went back once', () => {
  const done = { refundId: 'one', amount: rupees(700) };
  const { outcomes } = after(
    request,
    gateway('captured', 'charge-1'),
    refundPart('one', 700),
    gateway('refunded', 'charge-1', done),
    gateway('refunded', 'charge-1', done),
  );
  expect(outcomes.map(({ type }) => type)).toEqual(['PaymentCaptured', 'PaymentRefunded']);
});

test('a refund that gave back less than was asked is told as what it was', () => {
  const { outcomes } = after(
    request,
    gateway('captured', 'charge-1'),
    refundPart('one', 700),
    gateway('refunded', 'charge-1', { refundId: 'one', amount: rupees(600) }),
  );
  expect(outcomes.at(-1)).toMatchObject({ type: 'PaymentRefunded', amount: rupees(600) });
});
