import { expect, test } from '@jest/globals';
import { fastify } from 'fastify';
import type { Order, OrderId } from '#schemas/orders';
import { fakeViews } from '../testing/fake-views.ts';
import { sandboxRoutes } from './sandbox-routes.ts';

const orderId = 'ord_1' as OrderId;

/** Asks the page of a gateway that has been asked for nothing. */
async function ask(payment: Order['payment'] | undefined, method: 'GET' | 'POST') {
  const { tables, views } = fakeViews();
  if (payment) tables.liveOrders.put(orderId, { id: orderId, payment } as Order);
  const app = fastify();
  await app.register(sandboxRoutes, {
    sandbox: { payment: async () => undefined, settle: async () => undefined },
    views,
    clock: { nowMs: () => 0 },
    chargeWaitMs: 0,
  });
  const payload = method === 'POST' ? { payload: { outcome: 'approve' } } : {};
  const answer = await app.inject({ method, url: '/payments/pay_ord_1', ...payload });
  await app.close();
  return answer;
}

const paymentThat = (status: string) => ({ id: 'pay_ord_1', status }) as Order['payment'];

test.each(['GET', 'POST'] as const)(
  '%s of a payment that is still on its way to the gateway is worth another try',
  async (method) => {
    const answer = await ask(paymentThat('awaiting'), method);
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'payment-not-ready' });
  },
);

test.each([undefined, paymentThat('captured')])(
  '%j never comes to the gateway',
  async (payment) => {
    const answer = await ask(payment, 'POST');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'payment-unknown' });
  },
);
