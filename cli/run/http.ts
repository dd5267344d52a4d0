/** What a process answers by HTTP: the services of its roles, and always its own health and metrics. */
import type { FastifyInstance } from 'fastify';
import type { Clock, Dependencies, Ids } from '../../serving/dependencies.ts';
import { buildGateway } from '../../serving/gateway/gateway.ts';
import { buildOperationsServer } from '../../serving/gateway/operations-server.ts';
import { ensureAdmin } from '../../serving/identity/ensure-admin.ts';
import { passwords } from '../../serving/identity/passwords.ts';
import { webRoutes } from '../../serving/web/web-routes.ts';
import type { Configuration, Secrets } from '../configuration.ts';
import type { ShopStores } from '../stores/shop-stores.ts';
import { logTaps } from '../tap/log-taps.ts';
import type { Parts } from './parts.ts';
import type { Roles } from './roles.ts';

export interface HttpOptions {
  readonly configuration: Configuration;
  readonly secrets: Secrets;
  readonly roles: Roles;
  readonly parts: Parts;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Ready to listen. */
export async function buildHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { configuration, roles, parts, clock, ids } = options;
  const { stores, serving, operations } = parts;
  if (stores === undefined || serving === undefined) return buildOperationsServer({ operations });
  const app = buildGateway(dependenciesOf(options, stores, serving));
  if (!roles.services.has('shop')) return app;
  await app.register(webRoutes);
  const { users } = stores;
  if (configuration.admin)
    await ensureAdmin({ users, passwords: passwords(), clock, ids, ...configuration.admin });
  return app;
}

function dependenciesOf(
  { configuration, secrets, roles, parts, clock, ids }: HttpOptions,
  { views, users, profiles, shared, idempotency }: ShopStores,
  { commands, facts }: NonNullable<Parts['serving']>,
): Dependencies {
  const { log, registry, gateway, operations } = parts;
  return {
    views: {
      items: views.items.reader,
      search: views.search.reader,
      serviceability: views.serviceability.reader,
      inventory: views.inventory.reader,
      carts: views.carts.reader,
      wishlists: views.wishlists.reader,
      liveOrders: views.liveOrders.reader,
      archivedOrders: views.orderHistory.reader,
      payments: views.payments.reader,
      recommendations: views.recommendations.reader,
      notifications: views.notifications.reader,
      analytics: views.analytics.reader,
      feeds: views.feeds.reader,
      findings: views.findings.reader,
    },
    users,
    profiles,
    rateLimits: shared?.rateLimits,
    idempotency,
    commands,
    facts,
    taps: logTaps(log, registry),
    sandbox: gateway,
    operations,
    clock,
    ids,
    settings: {
      jwtSecret: secrets.tokens,
      webhookSecrets: { sandbox: secrets.sandboxWebhook },
      currency: 'INR',
      signInsPerMinute: configuration.signInsPerMinute,
      proxies: configuration.proxies,
      decisionTimeoutMs: configuration.decideWithinMs,
      log: requestLogOf(configuration.logLevel),
      services: roles.services,
    },
  };
}

/** A 500 is noted by its request's id wherever anything is. */
function requestLogOf(logLevel: Configuration['logLevel']) {
  if (logLevel === 'silent') return 'nothing';
  return logLevel === 'info' || logLevel === 'debug' ? 'requests' : 'errors';
}
