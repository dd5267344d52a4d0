import type { OrderId, PaymentId } from '#schemas/orders';
import type { ChargeId, GatewayRequest } from '#schemas/payments';
import { temporaryDirectories } from '../embedded/temporary-directory.ts';
import type { Timing } from '../timing.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { type GatewayWebhook, verifyWebhook } from '../views/webhook-signature.ts';
import { type SandboxGateway, type SandboxWish, sandboxGateway } from './sandbox-gateway.ts';

const secret = 'a secret of gateway and shop';
const id = 'pay_order-1' as PaymentId;
const newDirectory = temporaryDirectories();
const open: SandboxGateway[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
});

const charge: GatewayRequest = {
  type: 'OpenCharge',
  orderId: 'order-1' as OrderId,
  amount: { amount: 129_900, currency: 'INR' },
  expiresAt: 900_000,
};
const refund: GatewayRequest = {
  type: 'RefundCharge',
  refundId: 'refund-1',
  chargeId: 'ch_pay_order-1_1' as ChargeId,
  amount: { amount: 129_900, currency: 'INR' },
};

const wish = (changes: Partial<SandboxWish> = {}): SandboxWish => ({
  outcome: 'approve',
  delayMs: 0,
  repeat: 1,
  reorder: false,
  ...changes,
});

/** A shop that notes what it is told, and time that passes when the gateway sleeps. */
function world(directory = newDirectory()) {
  let nowMs = 1_000_000;
  const told: { event: GatewayWebhook; atMs: number }[] = [];
  const listeners = new Set<() => void>();
  const shop = { status: (): number => 204 };
  const timing: Timing = {
    nowMs: () => nowMs,
    random: () => 0,
    sleep: async (ms, signal) => {
      // Sleeps until something is owed last until they are ended; others pass at once.
      if (ms >= 60_000) await new Promise<void>((resolve) => onAbort(signal, resolve));
      else nowMs += ms;
    },
  };
  const start = () => {
    const gateway = sandboxGateway({
      directory,
      secret,
      timing,
      send: async (body, signature) => {
        expect(verifyWebhook(signature, { body, secret, nowMs })).toBe('valid');
        const status = shop.status();
        if (status === 204) told.push({ event: JSON.parse(body), atMs: nowMs });
        for (const listener of listeners) listener();
        return status;
      },
    });
    open.push(gateway);
    return gateway;
  };
  const heard = async (count: number) => {
    while (told.length < count) {
      await new Promise<void>((resolve) => {
        const listener = () => {
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
      });
    }
    return told.map(({ event }) => event);
  };
  return { start, shop, told, heard };
}

function onAbort(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true });
}

test('shows a payment when the shop has asked for it, and not before', async () => {
  const gateway = world().start();
  expect(await gateway.payment(id)).toBeUndefined();
  expect(await gateway.settle(id, wish())).toBeUndefined();
  await gateway.requests.apply([batchOf(0, [[id, charge]])]);
  expect(await gateway.payment(id)).toEqual({
    id,
    amount: charge.amount,
    status: 'awaiting',
    expiresAtMs: 900_000,
  });
});

test.each([
  ['approve', 'captured'],
  ['decline', 'declined'],
] as const)('tells the shop when the shopper has decided to %s', async (outcome, kind) => {
  const { start, heard } = world();
  const gateway = start();
  await gateway.requests.apply([batchOf(0, [[id, charge]])]);
  const chargeId = await gateway.settle(id, wish({ outcome }));
  expect(await heard(1)).toEqual([
    {
      id: `evt_${kind}_${chargeId}`,
      kind,
      paymentId: id,
      chargeId,
      amount: charge.amount,
      at: '1970-01-01T00:16:40.000Z',
    },
  ]);
  expect(await gateway.payment(id)).toMatchObject({ status: kind });
});

test('charges once, however often the shopper approves and the shop asks', async () => {
  const { start, heard, told } = world();
  const gateway = start();
  await gateway.requests.apply([
    batchOf(0, [
      [id, charge],
      [id, charge],
    ]),
  ]);
  const first = await gateway.settle(id, wish());
  expect(await gateway.settle(id, wish())).toBe(first);
  await gateway.requests.apply([batchOf(2, [[id, charge]])]);
  expect(await gateway.settle(id, wish({ outcome: 'decline' }))).toBe(first);
  await heard(1);
  await gateway.close();
  expect(told).toHaveLength(1);
});

test('lets the shopper approve after a decline, as another charge', async () => {
  const { start, heard } = world();
  const gateway = start();
  await gateway.requests.apply([batchOf(0, [[id, charge]])]);
  const declined = await gateway.settle(id, wish({ outcome: 'decline' }));
  const approved = await gateway.settle(id, wish());
  expect(approved).not.toBe(declined);
  expect((await heard(2)).map(({ kind }) => kind)).toEqual(['declined', 'captured']);
});

test('tells nobody of a shopper who went away, and lets her come back', async () => {
  const { start, heard } = world();
  const gateway = start();
  await gateway.requests.apply([batchOf(0, [[id, charge]])]);
  await gateway.settle(id, wish({ outcome: 'silent' }));
  expect(await gateway.payment(id)).toMatchObject({ status: 'awaiting' });
  await gateway.settle(id, wish());
  expect((await heard(1)).map(({ kind }) => kind)).toEqual(['captured']);
});

test('repeats and delays as it was asked to', async () => {
  const { start, heard, told } = world();
  const gateway = start();
  await gateway.requests.apply([batchOf(0, [[id, charge]])]);
  await gateway.settle(id, wish({ repeat: 3, delayMs: 5_000 }));
  const ids = (await heard(3)).map((event) => event.id);
  expect(new Set(ids).size).toBe(1);
  expect(told.map(({ atMs }) => atMs)).toEqual([1_005_000, 1_005_000, 1_005_000]);
});

test('lets what comes later overtake what is to be reordered', async () => {
  const { start, heard } = world();
  const gateway = start();
  await gateway.requests.apply([batchOf(0, [[id, charge]])]);
  const decided = gateway.settle(id, wish({ reorder: true }));
  await Promise.all([decided, gateway.requests.apply([batchOf(1, [[id, refund]])])]);
  expect((await heard(2)).map(({ kind }) => kind)).toEqual(['refunded', 'captured']);
});

test('refunds a refund id once', async () => {
  const { start, heard, told } = world();
  const gateway = start();
  await gateway.requests.apply([batchOf(0, [[id, charge]])]);
  await gateway.settle(id, wish());
  await gateway.requests.apply([
    batchOf(1, [
      [id, refund],
      [id, refund],
    ]),
  ]);
  const [, refunded] = await heard(2);
  expect(refunded).toMatchObject({ kind: 'refunded', refundId: 'refund-1', amount: refund.amount });
  expect(await gateway.payment(id)).toMatchObject({ status: 'refunded' });
  await gateway.close();
  expect(told).toHaveLength(2);
});

test('sends again, later and later, until the shop says 2xx', async () => {
  const { start, heard, shop, told } = world();
  const answers = [500, 302, 401, 503];
  shop.status = () => answers.shift() ?? 204;
  const gateway = start();
  await gateway.requests.apply([batchOf(0, [[id, charge]])]);
  await gateway.settle(id, wish());
  await heard(1);
  expect(told.map(({ atMs }) => atMs)).toEqual([1_000_000 + 200 + 400 + 800 + 1_600]);
});

test('still owes its webhooks after it was stopped, and knows the payment', async () => {
  const { start, heard, shop } = world();
  shop.status = () => 500;
  const before = start();
  await before.requests.apply([batchOf(0, [[id, charge]])]);
  const chargeId = await before.settle(id, wish());
  await before.close();

  shop.status = () => 204;
  const after = start();
  expect((await heard(1)).map((event) => event.chargeId)).toEqual([chargeId]);
  expect(await after.settle(id, wish())).toBe(chargeId);
  expect(await after.requests.positions()).toEqual([
    { topic: 'contract.state', partition: 0, nextOffset: 1n },
  ]);
});
