/** `/sandbox`: the page of a pretended payment gateway, for demonstrations and tests. */
import type { OrderId, PaymentId } from '#schemas/orders';
import type { ChargeId } from '#schemas/payments';
import type { Clock, Views } from '../dependencies.ts';
import { boolean, id, integer, object, oneOf, type Routes, reply } from '../json-schema.ts';
import { orderHistory } from '../orders/order-history.ts';
import { problem } from '../problem.ts';
import { money, rfc3339, time } from '../wire.ts';
import type { SandboxGateway } from './sandbox-gateway.ts';

export interface SandboxRoutesOptions {
  readonly sandbox: SandboxGateway;
  readonly views: Views;
  readonly clock: Clock;
  /** From the order to the gateway the charge travels through the log. @defaultValue 3_000 */
  readonly chargeWaitMs?: number;
}

const pollIntervalMs = 20;

const tags = ['sandbox'];
const params = object({ id: id<PaymentId>('the id of a payment, from the order') });

export const sandboxRoutes: Routes<SandboxRoutesOptions> = async (app, options) => {
  const { sandbox, views, chargeWaitMs = 3_000 } = options;
  const history = orderHistory(views.liveOrders, views.archivedOrders);

  /** What `ask` answers, waiting for a charge that the shop has asked for a moment ago. */
  const known = async <T>(paymentId: PaymentId, ask: () => Promise<T | undefined>): Promise<T> => {
    const deadlineMs = performance.now() + chargeWaitMs;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      const order = await history.get(paymentId.replace(/^pay_/, '') as OrderId);
      const isComing = order?.payment.id === paymentId && order.payment.status === 'awaiting';
      if (!isComing) {
        throw problem('payment-unknown', 'the sandbox gateway was not asked for this payment');
      }
      if (performance.now() >= deadlineMs) {
        throw problem('payment-not-ready', 'the charge has not arrived', { retryAfterS: 2 });
      }
      await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
    }
  };

  app.get(
    '/payments/:id',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: 'What the page of the sandbox gateway shows of a payment',
        params,
        response: {
          200: object({ id: reply<PaymentId>(), amount: money, status: reply(), expiresAt: time }),
        },
      },
    },
    async (request) => {
      const paymentId = request.params.id;
      const found = await known(paymentId, () => sandbox.payment(paymentId));
      return { ...found, expiresAt: rfc3339(found.expiresAtMs) };
    },
  );

  app.post(
    '/payments/:id',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: 'Approve or decline a payment at the sandbox gateway, which then tells the shop',
        params,
        body: object(
          { outcome: oneOf('approve', 'decline', 'silent') },
          { delayMs: integer(0, 3_600_000), repeat: integer(1, 20), reorder: boolean },
        ),
        response: { 202: object({ chargeId: reply<ChargeId>() }) },
      },
    },
    async (request, reply) => {
      const { outcome, delayMs = 0, repeat = 1, reorder = false } = request.body;
      const wish = { outcome, delayMs, repeat, reorder };
      const paymentId = request.params.id;
      const chargeId = await known(paymentId, () => sandbox.settle(paymentId, wish));
      return reply.code(202).send({ chargeId });
    },
  );
};
