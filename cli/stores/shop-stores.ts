/** Where the shop keeps its views, and the records that are in no log. */
import type { OpenIdempotencyStore } from '#views/idempotency-store';
import type { ShopViews } from '#views/shop-views';
import type { OpenUsersStore } from '#views/users-store';
import type { CircuitBreaker } from '../../connectors/circuit-breaker.ts';

export interface ShopStores {
  readonly views: ShopViews;
  readonly users: OpenUsersStore;
  readonly idempotency: OpenIdempotencyStore;
  /** Of the servers that are read; none where there are files. */
  readonly breakers: readonly CircuitBreaker[];
  close(): Promise<void>;
}
