/**
 * Webhooks of payment gateways: what they say and how they are signed. The header
 * `Millrace-Signature: t=<unix seconds>,v1=<hex>` holds HMAC-SHA-256 of `<t>.<body>`, so that neither
 * the body nor its time can be changed, and an old one cannot be sent again for long.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export const webhookSignatureHeader = 'millrace-signature';

/** Clocks differ and networks are slow; a repeat within this time is harmless by its event id. */
export const signatureToleranceMs = 5 * 60_000;

/** The JSON body of a webhook. Times are RFC 3339. */
export interface GatewayWebhook {
  /** The gateway's id of the event: the same in each repeat. */
  readonly id: string;
  readonly kind: 'captured' | 'declined' | 'refunded';
  readonly paymentId: string;
  readonly chargeId: string;
  /** Set for `refunded`. */
  readonly refundId?: string | null;
  readonly amount: { readonly amount: number; readonly currency: string };
  readonly at: string;
}

export interface SignedBody {
  /** As it was sent: not parsed and written again. */
  readonly body: string;
  readonly secret: string;
  readonly nowMs: number;
}

export type SignatureVerdict = 'valid' | 'malformed' | 'wrong' | 'expired';

/** The value of the signature header. */
export function signWebhook({ body, secret, nowMs }: SignedBody): string {
  const seconds = Math.floor(nowMs / 1_000);
  return `t=${seconds},v1=${hmacOf(secret, seconds, body).toString('hex')}`;
}

/** `valid` when the header is the signature of the body, made within five minutes of now. */
export function verifyWebhook(
  signature: string | undefined,
  { body, secret, nowMs }: SignedBody,
): SignatureVerdict {
  const parts = /^t=([0-9]{1,12}),v1=([0-9a-f]{64})$/.exec(signature ?? '');
  if (parts === null) return 'malformed';
  const seconds = Number(parts[1]);
  // Compared even when it is too old: how long this takes says nothing.
  const given = Buffer.from(parts[2] ?? '', 'hex');
  if (!timingSafeEqual(given, hmacOf(secret, seconds, body))) return 'wrong';
  return Math.abs(nowMs - seconds * 1_000) <= signatureToleranceMs ? 'valid' : 'expired';
}

function hmacOf(secret: string, seconds: number, body: string): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
}
