/**
 * `/payments/webhooks/{gateway}`: a gateway tells what became of the money. Once it is signed it is
 * made durable, whatever it says: an event of an unknown payment is money that someone may miss.
 */
import type { PaymentId } from '#schemas/orders';
import { type ChargeId, paymentCommands } from '#schemas/payments';
import { verifyWebhook, webhookSignatureHeader } from '#views/webhook-signature';
import { commandId } from '../command-ids.ts';
import type { Dependencies } from '../dependencies.ts';
import {
  boolean,
  id,
  integer,
  matching,
  nullable,
  object,
  oneOf,
  type Routes,
  withOtherFields,
} from '../json-schema.ts';
import { problem } from '../problem.ts';
import { time } from '../wire.ts';

export type WebhookRoutesOptions = Pick<Dependencies, 'commands' | 'clock' | 'settings'>;

/** Gateways add fields as they like; what is not known here is ignored. */
const event = withOtherFields(
  object(
    {
      id: id<string>("the gateway's id of the event"),
      kind: oneOf('captured', 'declined', 'refunded'),
      paymentId: id<string>('the id of a payment'),
      chargeId: id<string>("the gateway's id of the charge"),
      amount: object({ amount: integer(0), currency: matching('^[A-Z]{3}$', 'ISO 4217', 3) }),
      at: time,
    },
    { refundId: nullable(id<string>("the gateway's id of the refund")) },
  ),
);

export const webhookRoutes: Routes<WebhookRoutesOptions> = async (app, options) => {
  const { commands, clock, settings } = options;

  // What was signed is the text as it came: it is checked first and parsed only then.
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const { gateway } = request.params as { gateway: string };
    const secret = secretOf(settings.webhookSecrets, gateway);
    if (secret === undefined) {
      return done(problem('gateway-unknown', 'this shop does not work with this gateway'));
    }
    const given = request.headers[webhookSignatureHeader];
    const signature = typeof given === 'string' ? given : undefined;
    const signed = { body: String(body), secret, nowMs: clock.nowMs() };
    const verdict = verifyWebhook(signature, signed);
    if (verdict !== 'valid') {
      const detail = `${webhookSignatureHeader} is ${verdict}: sign the body as it is sent`;
      return done(problem('invalid-signature', detail));
    }
    return parse(request, signed.body, done);
  });

  app.post(
    '/payments/webhooks/:gateway',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['payments'],
        summary: 'What a payment gateway tells, signed with its secret',
        params: object({ gateway: id<string>('the name of a gateway') }),
        body: event,
        response: { 200: object({ received: boolean }) },
      },
    },
    async (request) => {
      const { gateway } = request.params;
      const told = request.body;
      await commands.submit(paymentCommands, told.paymentId as PaymentId, {
        type: 'RecordGatewayEvent',
        commandId: commandId('gateway-event', gateway, told.id),
        gateway,
        eventId: told.id,
        kind: told.kind,
        chargeId: told.chargeId as ChargeId,
        refundId: told.refundId ?? '',
        amount: told.amount,
        at: Date.parse(told.at),
      });
      return { received: true };
    },
  );
};

/** The name comes from an address: it must not find what every object inherits. */
function secretOf(secrets: Readonly<Record<string, string>>, gateway: string) {
  return Object.hasOwn(secrets, gateway) ? secrets[gateway] : undefined;
}
