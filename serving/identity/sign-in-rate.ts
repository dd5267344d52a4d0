/** How often one address on the network may try to sign in or up: guessing passwords must be slow. */
import type { RateLimitOptions } from '@fastify/rate-limit';
import type { ServingSettings } from '../dependencies.ts';

const defaultPerMinute = 60;

export function rateOf({ signInsPerMinute = defaultPerMinute }: ServingSettings): RateLimitOptions {
  return { max: signInsPerMinute, timeWindow: 60_000 };
}
