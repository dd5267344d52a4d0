/** The sandbox gateway as its page sees it: the port between the routes and the connector. */
import type { Money } from '#schemas/money';
import type { PaymentId } from '#schemas/orders';
import type { ChargeId } from '#schemas/payments';

export interface SandboxPayment {
  readonly id: PaymentId;
  readonly amount: Money;
  /** `awaiting` until the shopper has decided; then in the gateway's words. */
  readonly status: string;
  readonly expiresAtMs: number;
}

export interface SandboxWish {
  readonly outcome: 'approve' | 'decline' | 'silent';
  /** Before the webhook is sent. */
  readonly delayMs: number;
  /** How often the webhook is sent; at least 1. */
  readonly repeat: number;
  /** Whether webhooks that are due together go out in another order. */
  readonly reorder: boolean;
}

export interface SandboxGateway {
  /** `undefined`: the shop has not asked for it (yet). */
  payment(id: PaymentId): Promise<SandboxPayment | undefined>;
  /** What the shopper did at the gateway's page. `undefined`: as above. */
  settle(id: PaymentId, wish: SandboxWish): Promise<ChargeId | undefined>;
}
