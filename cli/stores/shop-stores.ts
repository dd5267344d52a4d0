/** Where the shop keeps its views, and the records that are in no log. */
import type { FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { OpenIdempotencyStore } from '#views/idempotency-store';
import type { RebuildableViews, ShopViews } from '#views/shop-views';
import type { OpenUsersStore, UserProfiles } from '#views/users-store';
import type { CircuitBreaker } from '../../connectors/circuit-breaker.ts';
import type { PaymentDeadlines } from '../../connectors/redis/payment-deadlines.ts';
import type { RedisUserCache } from '../../connectors/redis/user-cache.ts';

export interface SharedState {
  readonly userCache: Pick<RedisUserCache, 'writer'>;
  readonly rateLimits: FastifyRateLimitStoreCtor;
  readonly deadlines: Pick<PaymentDeadlines, 'writer' | 'onDue'>;
}

export interface ShopStores {
  readonly views: ShopViews;
  /** The same, where they are on servers. */
  readonly rebuildable?: RebuildableViews;
  readonly users: OpenUsersStore;
  readonly profiles: UserProfiles;
  readonly idempotency: OpenIdempotencyStore;
  /** What the processes of one shop have in common; absent where there is one process. */
  readonly shared?: SharedState;
  /** Of the servers that are read; none where there are files. */
  readonly breakers: readonly CircuitBreaker[];
  close(): Promise<void>;
}
