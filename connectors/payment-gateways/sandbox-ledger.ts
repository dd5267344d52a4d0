/** What the sandbox gateway has on record: payments, refunds, and the webhooks it still owes. */
import { join } from 'node:path';
import type { Money } from '#schemas/money';
import type { PaymentId } from '#schemas/orders';
import type { ChargeId, GatewayRequest } from '#schemas/payments';
import type { Database } from '../embedded/database.ts';
import { type Migrations, openRecordFile } from '../embedded/record-file.ts';
import { AppliedSignal, positionsTable, ViewFile } from '../embedded/view-file.ts';
import type { ViewWriter } from '../views/view.ts';
import type { GatewayWebhook } from '../views/webhook-signature.ts';

const migrations: Migrations = [
  `${positionsTable}
   CREATE TABLE payments (
     id TEXT PRIMARY KEY,
     amount INTEGER NOT NULL,
     currency TEXT NOT NULL,
     expires_at INTEGER NOT NULL,
     status TEXT NOT NULL,
     charge_id TEXT,
     attempts INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE refunds (id TEXT PRIMARY KEY, payment_id TEXT NOT NULL) STRICT;
   CREATE TABLE webhooks (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     payment_id TEXT NOT NULL,
     body TEXT NOT NULL,
     due_at INTEGER NOT NULL,
     failures INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX webhooks_by_time ON webhooks (due_at, id);`,
];

export type SandboxStatus = 'awaiting' | 'captured' | 'declined' | 'refunded';

export interface LedgerPayment {
  readonly id: PaymentId;
  readonly amount: Money;
  readonly expiresAtMs: number;
  readonly status: SandboxStatus;
  /** Of the charge that was captured. */
  readonly chargeId: ChargeId | undefined;
  /** How often the shopper has decided. */
  readonly attempts: number;
}

export interface OwedWebhook {
  readonly id: number;
  readonly paymentId: PaymentId;
  readonly body: string;
  readonly dueAtMs: number;
  /** How often it could not be delivered. */
  readonly failures: number;
}

interface PaymentRow {
  readonly id: PaymentId;
  readonly amount: number;
  readonly currency: string;
  readonly expires_at: number;
  readonly status: SandboxStatus;
  readonly charge_id: ChargeId | null;
  readonly attempts: number;
}

export class SandboxLedger {
  /** Takes the shop's requests; what they owe and the position in the log are one transaction. */
  readonly requests: ViewWriter<PaymentId, GatewayRequest>;
  readonly #database: Database;

  constructor(directory: string, nowMs: () => number, owed: () => void) {
    // A killed process loses nothing; a power cut may lose the last pretended payments, and the
    // shop's requests wait for no disk of a gateway that is elsewhere in earnest.
    const path = join(directory, 'sandbox-gateway.db');
    this.#database = openRecordFile(path, migrations, { synchronous: 'normal' });
    const signal = new AppliedSignal();
    signal.onApplied(owed);
    this.requests = new ViewFile(this.#database).writer<PaymentId, GatewayRequest>({
      name: 'sandbox-gateway',
      signal,
      put: (id, request) => this.#take(id, request, nowMs()),
      delete: () => {},
    });
  }

  payment(id: PaymentId): LedgerPayment | undefined {
    const row = this.#database.get<PaymentRow & Record<string, never>>(
      'SELECT * FROM payments WHERE id = ?',
      [id],
    );
    return (
      row && {
        id: row.id,
        amount: { amount: row.amount, currency: row.currency },
        expiresAtMs: row.expires_at,
        status: row.status,
        chargeId: row.charge_id ?? undefined,
        attempts: row.attempts,
      }
    );
  }

  /** Records the shopper's decision and the webhooks that tell of it, all or nothing. */
  decide(
    { id, attempts }: LedgerPayment,
    decision: { readonly status: SandboxStatus; readonly chargeId: ChargeId | undefined },
    webhooks: readonly { readonly event: GatewayWebhook; readonly dueAtMs: number }[],
  ): void {
    this.#database.transaction(() => {
      this.#database.run(
        'UPDATE payments SET status = ?, charge_id = ?, attempts = ? WHERE id = ?',
        [decision.status, decision.chargeId ?? null, attempts + 1, id],
      );
      for (const { event, dueAtMs } of webhooks) this.#owe(id, event, dueAtMs);
    });
  }

  /** What is to be sent next, in that order. */
  owed(limit: number): OwedWebhook[] {
    return this.#database.all<OwedWebhook & Record<string, never>>(
      `SELECT id, payment_id AS paymentId, body, due_at AS dueAtMs, failures
       FROM webhooks ORDER BY due_at, id LIMIT ?`,
      [limit],
    );
  }

  delivered({ id }: OwedWebhook): void {
    this.#database.run('DELETE FROM webhooks WHERE id = ?', [id]);
  }

  failed({ id }: OwedWebhook, dueAtMs: number): void {
    this.#database.run('UPDATE webhooks SET due_at = ?, failures = failures + 1 WHERE id = ?', [
      Math.round(dueAtMs),
      id,
    ]);
  }

  close(): void {
    this.#database.close();
  }

  #take(id: PaymentId, request: GatewayRequest, nowMs: number): void {
    switch (request.type) {
      case 'OpenCharge':
        this.#database.run(
          `INSERT OR IGNORE INTO payments VALUES (?, ?, ?, ?, 'awaiting', NULL, 0)`,
          [id, request.amount.amount, request.amount.currency, request.expiresAt],
        );
        return;
      case 'RefundCharge':
        this.#refund(id, request, nowMs);
        return;
    }
  }

  /** Also of a charge that is not on record: its webhook may have been signed by hand, in a test. */
  #refund(
    id: PaymentId,
    { refundId, chargeId, amount }: Extract<GatewayRequest, { type: 'RefundCharge' }>,
    nowMs: number,
  ): void {
    const isNew = this.#database.run('INSERT OR IGNORE INTO refunds VALUES (?, ?)', [refundId, id]);
    if (isNew === 0) return;
    this.#database.run(`UPDATE payments SET status = 'refunded' WHERE id = ? AND charge_id = ?`, [
      id,
      chargeId,
    ]);
    const event: GatewayWebhook = {
      id: `evt_refunded_${refundId}`,
      kind: 'refunded',
      paymentId: id,
      chargeId,
      refundId,
      amount,
      at: new Date(nowMs).toISOString(),
    };
    this.#owe(id, event, nowMs);
  }

  #owe(id: PaymentId, event: GatewayWebhook, dueAtMs: number): void {
    this.#database.run(
      'INSERT INTO webhooks (payment_id, body, due_at, failures) VALUES (?, ?, ?, 0)',
      [id, JSON.stringify(event), dueAtMs],
    );
  }
}
