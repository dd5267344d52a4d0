/** Webhooks over HTTP. */
import { webhookSignatureHeader } from '../views/webhook-signature.ts';
import type { SendWebhook } from './payment-gateway.ts';

/** A shop that takes longer is asked again: the repeat is harmless. */
const timeoutMs = 10_000;

export function postWebhook(url: string): SendWebhook {
  return async (body, signature) => {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', [webhookSignatureHeader]: signature },
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel(); // Frees the connection; only the status counts.
    return response.status;
  };
}
