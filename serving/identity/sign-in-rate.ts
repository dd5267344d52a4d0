/**
 * How often one address on the network may try to sign in or up. A password costs some 60 ms of
 * processor time to check; a whole office, or a load test, is one address.
 */
import type { RateLimitOptions } from '@fastify/rate-limit';
import type { ServingSettings } from '../dependencies.ts';

const defaultPerMinute = 600;

export function rateOf({ signInsPerMinute = defaultPerMinute }: ServingSettings): RateLimitOptions {
  return { max: signInsPerMinute, timeWindow: 60_000 };
}
