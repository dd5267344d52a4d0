/** Reconciliation: what disagrees between orders, reservations, stock and payments. */
import { avro, type Decoded, topic } from '#streams';

const { enumeration, id, long, map, nullable, record, string, timestampMillis } = avro;

/** `<kind>:<subject>`: the same difference is one finding however often it is seen. */
export const FindingId = id('FindingId');
export type FindingId = Decoded<typeof FindingId>;

export const Finding = record('Finding', {
  id: FindingId,
  kind: enumeration('FindingKind', [
    'reservation_without_order',
    'order_without_reservation',
    'reservation_open_after_end',
    'payment_without_order',
    'captured_but_not_placed',
    'placed_but_not_captured',
    'refund_missing',
    'wrong_charge',
    'stock_out_of_balance',
  ]),
  /** An order id or a SKU. */
  subject: string,
  /** One sentence: what was expected and what was found. */
  message: string,
  evidence: map(string),
  /** What to do about it. */
  remedy: string,
  foundAt: timestampMillis,
  /** `null` while it lasts. */
  resolvedAt: nullable(timestampMillis),
  version: long,
});
export interface Finding extends Decoded<typeof Finding> {}

export const findings = topic('reconciliation.findings', {
  key: FindingId,
  value: Finding,
  cleanupPolicy: 'compact',
});
