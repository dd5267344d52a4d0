/**
 * The sandbox gateway: takes the shop's requests, lets a shopper approve or decline, and owes the
 * shop signed webhooks until they are answered with 2xx. What it owes is durable: after a crash it
 * is sent again, so the shop may hear of an event twice.
 */
import type { PaymentId } from '#schemas/orders';
import type { ChargeId } from '#schemas/payments';
import { Alarm } from '../alarm.ts';
import { backoffMs, systemTiming, type Timing } from '../timing.ts';
import { type GatewayWebhook, signWebhook } from '../views/webhook-signature.ts';
import type { PaymentGateway, SendWebhook } from './payment-gateway.ts';
import {
  type LedgerPayment,
  type OwedWebhook,
  SandboxLedger,
  type SandboxStatus,
} from './sandbox-ledger.ts';

export interface SandboxGatewayOptions {
  /** Holds `sandbox-gateway.db`; created when it does not exist. */
  readonly directory: string;
  /** Shared with the shop. */
  readonly secret: string;
  readonly send: SendWebhook;
  readonly timing?: Timing;
  /** Told of each webhook that could not be delivered; it is sent again. */
  readonly onTrouble?: (error: Error) => void;
}

/** What the shopper does at the gateway's page, and how well the gateway tells of it. */
export interface SandboxWish {
  /** `silent`: the shopper goes away; nothing is charged and nobody is told. */
  readonly outcome: 'approve' | 'decline' | 'silent';
  /** Before the webhook is sent. */
  readonly delayMs: number;
  /** How often the webhook is sent; at least 1. */
  readonly repeat: number;
  /** Holds the webhook back for a second, so that what the gateway says later overtakes it. */
  readonly reorder: boolean;
}

export interface SandboxPayment {
  readonly id: PaymentId;
  readonly amount: { readonly amount: number; readonly currency: string };
  readonly status: SandboxStatus;
  readonly expiresAtMs: number;
}

export interface SandboxGateway extends PaymentGateway {
  /** `undefined`: the shop has not asked for it (yet). */
  payment(id: PaymentId): Promise<SandboxPayment | undefined>;
  /**
   * A payment is approved once: again answers the same charge and tells nobody. After the payment
   * has expired it is still taken; the shop refunds what comes too late. `undefined`: as above.
   */
  settle(id: PaymentId, wish: SandboxWish): Promise<ChargeId | undefined>;
}

const reorderHoldMs = 1_000;
/** Webhooks of one payment go one after the other; those of several at the same time. */
const sentTogether = 32;
const retryBackoff = { firstMs: 200, maxMs: 30_000 };
const idleMs = 60_000;

export function sandboxGateway(options: SandboxGatewayOptions): SandboxGateway {
  const { directory, timing = systemTiming } = options;
  const alarm = new Alarm(timing);
  const ledger = new SandboxLedger(directory, timing.nowMs, () => alarm.ring());
  const sending = sendOwed(options, ledger, alarm, timing);
  return {
    name: 'sandbox',
    requests: ledger.requests,

    payment: async (id) => {
      const payment = ledger.payment(id);
      return (
        payment && {
          id,
          amount: payment.amount,
          status: payment.status,
          expiresAtMs: payment.expiresAtMs,
        }
      );
    },

    settle: async (id, wish) => {
      const payment = ledger.payment(id);
      if (payment === undefined) return undefined;
      if (payment.chargeId !== undefined) return payment.chargeId;
      const chargeId = `ch_${id}_${payment.attempts + 1}` as ChargeId;
      record(ledger, payment, chargeId, wish, timing.nowMs());
      alarm.ring();
      return chargeId;
    },

    close: async () => {
      alarm.stop();
      await sending;
      ledger.close();
    },
  };
}

function record(
  ledger: SandboxLedger,
  payment: LedgerPayment,
  chargeId: ChargeId,
  { outcome, delayMs, repeat, reorder }: SandboxWish,
  nowMs: number,
): void {
  if (outcome === 'silent') {
    ledger.decide(payment, { status: payment.status, chargeId: undefined }, []);
    return;
  }
  const kind = outcome === 'approve' ? 'captured' : 'declined';
  const event: GatewayWebhook = {
    id: `evt_${kind}_${chargeId}`,
    kind,
    paymentId: payment.id,
    chargeId,
    amount: payment.amount,
    at: new Date(nowMs).toISOString(),
  };
  const dueAtMs = nowMs + delayMs + (reorder ? reorderHoldMs : 0);
  const webhooks = Array.from({ length: Math.max(1, repeat) }, () => ({ event, dueAtMs }));
  ledger.decide(
    payment,
    { status: kind, chargeId: kind === 'captured' ? chargeId : undefined },
    webhooks,
  );
}

/** Sends what is due and sleeps until the next is, for as long as the gateway is open. */
async function sendOwed(
  options: SandboxGatewayOptions,
  ledger: SandboxLedger,
  alarm: Alarm,
  timing: Timing,
): Promise<void> {
  while (!alarm.stopped) {
    const owed = ledger.owed(sentTogether);
    const nowMs = timing.nowMs();
    const due = owed.filter(({ dueAtMs }) => dueAtMs <= nowMs);
    if (due.length === 0) {
      await alarm.sleep(owed[0] === undefined ? idleMs : owed[0].dueAtMs - nowMs);
      continue;
    }
    await Promise.all(
      byPayment(due).map(async (webhooks) => {
        for (const webhook of webhooks) await deliver(webhook, options, ledger, timing);
      }),
    );
  }
}

async function deliver(
  webhook: OwedWebhook,
  { send, secret, onTrouble }: SandboxGatewayOptions,
  ledger: SandboxLedger,
  timing: Timing,
): Promise<void> {
  const { body, paymentId, failures } = webhook;
  try {
    const status = await send(body, signWebhook({ body, secret, nowMs: timing.nowMs() }));
    if (status < 200 || status > 299) throw new Error(`the shop answered ${status}`);
    ledger.delivered(webhook);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    onTrouble?.(new Error(`webhook of payment '${paymentId}': ${reason}`, { cause: error }));
    ledger.failed(webhook, timing.nowMs() + backoffMs(retryBackoff, failures, timing.random));
  }
}

function byPayment(webhooks: readonly OwedWebhook[]): OwedWebhook[][] {
  const groups = new Map<PaymentId, OwedWebhook[]>();
  for (const webhook of webhooks) {
    const group = groups.get(webhook.paymentId);
    if (group === undefined) groups.set(webhook.paymentId, [webhook]);
    else group.push(webhook);
  }
  return [...groups.values()];
}
