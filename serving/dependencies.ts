/** The ports that the services stand on. Everything comes from outside: drivers, time, chance. */
import type { FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { AnalyticsView } from '#views/analytics-view';
import type { CartsView, WishlistsView } from '#views/carts-view';
import type { FeedsView } from '#views/feeds-view';
import type { FindingsView } from '#views/findings-view';
import type { IdempotencyStore } from '#views/idempotency-store';
import type { InventoryView } from '#views/inventory-view';
import type { ItemsView } from '#views/items-view';
import type { NotificationsView } from '#views/notifications-view';
import type { OrdersView } from '#views/orders-view';
import type { PaymentsView } from '#views/payments-view';
import type { RecommendationsView } from '#views/recommendations-view';
import type { SearchView } from '#views/search-view';
import type { ServiceabilityView } from '#views/serviceability-view';
import type { UserProfiles, UsersStore } from '#views/users-store';
import type { CommandBus } from './command-bus.ts';
import type { FactWriter } from './fact-writer.ts';
import type { Operations } from './operations/operations.ts';
import type { SandboxGateway } from './sandbox/sandbox-gateway.ts';
import type { Taps } from './taps/taps.ts';

export interface Views {
  readonly items: ItemsView;
  readonly search: SearchView;
  readonly serviceability: ServiceabilityView;
  readonly inventory: InventoryView;
  readonly carts: CartsView;
  readonly wishlists: WishlistsView;
  readonly liveOrders: OrdersView;
  readonly archivedOrders: OrdersView;
  readonly payments: PaymentsView;
  readonly recommendations: RecommendationsView;
  readonly notifications: NotificationsView;
  readonly analytics: AnalyticsView;
  readonly feeds: FeedsView;
  readonly findings: FindingsView;
}

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}

/** Chance. `next` is different each time and cannot be guessed: 32 hexadecimal digits. */
export interface Ids {
  next(): string;
}

export interface ServingSettings {
  /** Signs access tokens; at least 32 characters, the same in every process of one shop. */
  readonly jwtSecret: string;
  /** The webhook secret of each payment gateway, by its name in the path. */
  readonly webhookSecrets: Readonly<Record<string, string>>;
  /** ISO 4217. */
  readonly currency: string;
  /** How long a write waits for its decision. @defaultValue 5_000 */
  readonly decisionTimeoutMs?: number;
  /** How long a write waits until the view shows it. @defaultValue 5_000 */
  readonly viewTimeoutMs?: number;
  /** How long the body of a request may take to arrive; feeds may take longer. @defaultValue 30_000 */
  readonly bodyTimeoutMs?: number;
  /** How often a stream without news says that it is still there. @defaultValue 15_000 */
  readonly heartbeatMs?: number;
  /** log2 of scrypt's N. @defaultValue 15 */
  readonly passwordCost?: number;
  /**
   * How many proxies stand in front, each of which says in X-Forwarded-For who asked it: who asks is
   * the address that the outermost of them saw. 0: nobody is believed.
   *
   * @defaultValue 0
   */
  readonly proxies?: number;
  /** Sign-ins and sign-ups an IP address may try in a minute. @defaultValue 600 */
  readonly signInsPerMinute?: number;
  /**
   * Which services answer here: those of shoppers and of all who run the shop, or suppliers' feeds
   * alone. The sandbox answers where `Dependencies.sandbox` is given.
   *
   * @defaultValue `shop`
   */
  readonly services?: ReadonlySet<'shop' | 'inbound' | 'sandbox'>;
  /** What is written to standard output; `requests` has the errors too. @defaultValue `nothing` */
  readonly log?: 'nothing' | 'errors' | 'requests';
}

export interface Dependencies {
  readonly views: Views;
  readonly users: UsersStore;
  readonly profiles: UserProfiles;
  /** Where the requests of a caller are counted; absent: in this process. */
  readonly rateLimits?: FastifyRateLimitStoreCtor | undefined;
  readonly idempotency: IdempotencyStore;
  readonly commands: CommandBus;
  readonly facts: FactWriter;
  readonly taps: Taps;
  /** Absent: no sandbox gateway, and its routes answer 404. */
  readonly sandbox?: SandboxGateway | undefined;
  readonly operations: Operations;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly settings: ServingSettings;
}
