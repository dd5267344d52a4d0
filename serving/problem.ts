/**
 * Problems: how this shop says no over HTTP (RFC 9457). Every code, its status and its title are
 * here; docs/errors.md says when each happens and what to do, and a test keeps the two equal.
 */
import { hyphenated } from './wire.ts';

const catalogue = {
  'invalid-request': [400, 'The request is not well-formed'],
  'malformed-json': [400, 'The body is not JSON'],
  'invalid-cursor': [400, 'The cursor is not from a page of this list'],
  'feed-unreadable': [400, 'The feed could not be read to its end'],
  unauthenticated: [401, 'Sign in first'],
  'invalid-token': [401, 'The access token is not valid'],
  'token-expired': [401, 'The access token has expired'],
  'invalid-credentials': [401, 'The e-mail address or the password is wrong'],
  'invalid-refresh-token': [401, 'The refresh token is not valid'],
  'invalid-signature': [401, 'The signature does not match the body'],
  forbidden: [403, 'This needs another role'],
  'registration-required': [403, 'Guests cannot do this'],
  'route-unknown': [404, 'There is nothing at this address'],
  'item-unknown': [404, 'No such item'],
  'sku-unknown': [404, 'No such SKU'],
  'pincode-unknown': [404, 'No such pincode'],
  'address-unknown': [404, 'No such address'],
  'order-unknown': [404, 'No such order'],
  'shipment-unknown': [404, 'No such shipment'],
  'payment-unknown': [404, 'No such payment'],
  'feed-unknown': [404, 'No such feed'],
  'user-unknown': [404, 'No such user'],
  'gateway-unknown': [404, 'No such payment gateway'],
  'topic-unknown': [404, 'No such topic'],
  'record-unknown': [404, 'No such record'],
  'warehouse-unknown': [404, 'No such warehouse'],
  'method-not-allowed': [405, 'This address does not take this method'],
  'request-timeout': [408, 'The request did not arrive in time'],
  'email-taken': [409, 'This e-mail address has an account'],
  'request-in-progress': [409, 'The same request is still being worked on'],
  'cart-empty': [409, 'The cart is empty'],
  'version-conflict': [409, 'The item has changed since you read it'],
  'body-too-large': [413, 'The body is too large'],
  'address-too-long': [414, 'The address is too long'],
  'unsupported-media-type': [415, 'This address does not take this kind of body'],
  'idempotency-key-reused': [422, 'The Idempotency-Key was used for another request'],
  'item-invalid': [422, 'The offer breaks the rules of the shop'],
  'too-many-requests': [429, 'Too many requests'],
  'headers-too-large': [431, 'The request headers are too large'],
  'internal-error': [500, 'Something broke here'],
  'log-unavailable': [503, 'Changes cannot be taken right now'],
  'checkout-unavailable': [503, 'Orders cannot be taken right now'],
  'not-decided-in-time': [503, 'No decision yet'],
  'not-shown-in-time': [503, 'Decided, but not shown yet'],
  'payment-not-ready': [503, 'The payment is not at its gateway yet'],
  'view-unavailable': [503, 'This cannot be looked up right now'],
  'too-busy': [503, 'Too much to do right now'],
  'shutting-down': [503, 'This server is shutting down'],
  // Told by the proxy: see gateway/haproxy.cfg.
  'answer-broken-off': [502, 'The answer broke off'],
  'no-server-ready': [503, 'No server is ready'],
  'no-answer-in-time': [504, 'No answer in time'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof catalogue;

export const problemCodes = Object.keys(catalogue) as readonly ProblemCode[];

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly [extra: string]: unknown;
}

interface ProblemOptions {
  /** More members of the body, for instance `lines`. */
  readonly extras?: Readonly<Record<string, unknown>>;
  /** Seconds until it makes sense to try again. */
  readonly retryAfterS?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Thrown by a route, answered by the gateway's error handler. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly statusCode: number;
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    [statusCode, title]: readonly [number, string],
    detail: string,
    options: ProblemOptions,
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.statusCode = statusCode;
    const type = `urn:millrace:error:${code}`;
    this.body = { type, title, status: statusCode, detail, code, ...options.extras };
    const { retryAfterS } = options;
    const retryAfter = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
    this.headers = { ...retryAfter, ...options.headers };
  }
}

export function problem(code: ProblemCode, detail: string, options: ProblemOptions = {}): Problem {
  return new Problem(code, catalogue[code], detail, options);
}

export function statusOf(code: ProblemCode): number {
  return catalogue[code][0];
}

/** A refusal by a decider, with its own code: 409 unless this page knows better. */
export function refusal(code: string, detail: string, options: ProblemOptions = {}): Problem {
  const known = Object.hasOwn(catalogue, code) ? catalogue[code as ProblemCode] : undefined;
  return new Problem(hyphenated(code), known ?? [409, 'The shop refused this'], detail, options);
}
