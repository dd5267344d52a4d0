/** How times, money and pages are written in JSON, and the schemas of them. */
import type { Money } from '#schemas/money';
import {
  integer,
  type JsonSchema,
  matching,
  object,
  reply,
  withDescription,
} from './json-schema.ts';

/** RFC 3339 in UTC, as every time is over HTTP. */
export function rfc3339(timestampMs: number): string {
  return new Date(timestampMs).toISOString();
}

export function nullableRfc3339(timestampMs: number | null): string | null {
  return timestampMs === null ? null : rfc3339(timestampMs);
}

/** `awaiting_payment` in the log is `awaiting-payment` over HTTP: Avro names take no hyphens. */
export type Hyphenated<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}-${Hyphenated<Tail>}`
  : S;

export function hyphenated<S extends string>(name: S): Hyphenated<S> {
  return name.replaceAll('_', '-') as Hyphenated<S>;
}

export const time: JsonSchema<string> = {
  type: 'string',
  format: 'date-time',
  description: 'RFC 3339, UTC',
};

/** Money in an answer. */
export const money: JsonSchema<Money> = withDescription(
  object({ amount: integer(), currency: reply() }),
  'whole minor units (paise) and ISO 4217 currency',
);

/** Money in a request. */
export const moneyInput: JsonSchema<Money> = object({
  amount: integer(0, 1_000_000_000_000),
  currency: matching('^[A-Z]{3}$', 'an ISO 4217 code in upper case, for instance INR', 3),
});

export const cursor: JsonSchema<string> = {
  type: 'string',
  minLength: 1,
  maxLength: 1_000,
  pattern: '^[\\x21-\\x7e]+$',
  description: 'the nextCursor of the page before',
};

export const pageLimit: JsonSchema<number> = {
  type: 'integer',
  minimum: 1,
  maximum: 100,
  default: 24,
};

/** The parameters of every list. */
export const pageQuery = { limit: pageLimit, cursor } as const;

export function pageOf(query: {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}): { limit: number; cursor?: string | undefined } {
  return { limit: query.limit ?? 24, cursor: query.cursor };
}

export function times(unit: Money, quantity: number): Money {
  return { amount: unit.amount * quantity, currency: unit.currency };
}

/** The shop sells in one currency, which `whenEmpty` names for a sum of nothing. */
export function sum(parts: readonly Money[], whenEmpty: string): Money {
  const amount = parts.reduce((total, part) => total + part.amount, 0);
  return { amount, currency: parts[0]?.currency ?? whenEmpty };
}
