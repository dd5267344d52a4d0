/**
 * A payment gateway: follows the topic `payments.gateway-requests` and tells the shop what became
 * of it by webhooks. It may be asked and may answer more than once, in any order, or not at all.
 */
import type { PaymentId } from '#schemas/orders';
import type { GatewayRequest } from '#schemas/payments';
import type { ViewWriter } from '../views/view.ts';

export interface PaymentGateway {
  /** As in the path of its webhooks. */
  readonly name: string;
  /** Takes the shop's requests, for `runSink`. The ids in them make a repeat harmless. */
  readonly requests: ViewWriter<PaymentId, GatewayRequest>;
  close(): Promise<void>;
}

/**
 * Brings one webhook to the shop and answers the status of its reply. Whatever is not 2xx, an
 * error included, is sent again later.
 */
export type SendWebhook = (body: string, signature: string) => Promise<number>;
