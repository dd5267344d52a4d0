/** Every service, and where it hangs. */
import type { FastifyInstance } from 'fastify';
import { reportRoutes } from '../analytics/report-routes.ts';
import { cartRoutes } from '../carts/cart-routes.ts';
import type { Dependencies } from '../dependencies.ts';
import { shipmentRoutes } from '../fulfilment/shipment-routes.ts';
import { accessTokens } from '../identity/access-tokens.ts';
import { meRoutes } from '../identity/me-routes.ts';
import { passwords } from '../identity/passwords.ts';
import { sessionRoutes } from '../identity/session-routes.ts';
import { userRoutes } from '../identity/user-routes.ts';
import { feedRoutes } from '../inbound/feed-routes.ts';
import { stockRoutes } from '../inventory/stock-routes.ts';
import { itemRoutes } from '../items/item-routes.ts';
import { offerRoutes } from '../items/offer-routes.ts';
import { notificationRoutes } from '../notifications/notification-routes.ts';
import { healthRoutes } from '../operations/health-routes.ts';
import { reconciliationRoutes } from '../operations/reconciliation-routes.ts';
import { orderRoutes } from '../orders/order-routes.ts';
import { webhookRoutes } from '../payments/webhook-routes.ts';
import { recommendationRoutes } from '../recommendations/recommendation-routes.ts';
import { sandboxRoutes } from '../sandbox/sandbox-routes.ts';
import { searchRoutes } from '../search/search-routes.ts';
import { referenceRoutes } from '../serviceability/reference-routes.ts';
import { serviceabilityRoutes } from '../serviceability/serviceability-routes.ts';
import { tapRoutes } from '../taps/tap-routes.ts';
import { wishlistRoutes } from '../wishlists/wishlist-routes.ts';

export async function registerServices(
  app: FastifyInstance,
  dependencies: Dependencies,
): Promise<void> {
  const { sandbox, views, clock, settings } = dependencies;
  const { services = new Set(['shop']) } = settings;
  await app.register(healthRoutes, dependencies);
  if (sandbox) await app.register(sandboxRoutes, { sandbox, views, clock, prefix: '/sandbox' });
  // The prefix is this scope's alone: options that hold one hand it on to what is nested in them.
  const register = services.has('shop') ? registerVersion1 : registerInbound;
  if (!services.has('shop') && !services.has('inbound')) return;
  await app.register(async (version1) => register(version1, dependencies), { prefix: '/v1' });
}

async function registerInbound(app: FastifyInstance, dependencies: Dependencies): Promise<void> {
  await app.register(feedRoutes, dependencies);
}

async function registerVersion1(app: FastifyInstance, dependencies: Dependencies): Promise<void> {
  const { clock, settings } = dependencies;
  const options = {
    ...dependencies,
    passwords: passwords({ cost: settings.passwordCost }),
    tokens: accessTokens(app, clock),
  };
  await app.register(userRoutes, options);
  await app.register(sessionRoutes, options);
  await app.register(meRoutes, options);
  await app.register(itemRoutes, options);
  await app.register(offerRoutes, options);
  await app.register(searchRoutes, options);
  await app.register(cartRoutes, options);
  await app.register(orderRoutes, options);
  await app.register(webhookRoutes, options);
  await app.register(feedRoutes, options);
  await app.register(serviceabilityRoutes, options);
  await app.register(referenceRoutes, options);
  await app.register(stockRoutes, options);
  await app.register(wishlistRoutes, options);
  await app.register(shipmentRoutes, options);
  await app.register(recommendationRoutes, options);
  await app.register(notificationRoutes, options);
  await app.register(reportRoutes, options);
  await app.register(tapRoutes, options);
  await app.register(reconciliationRoutes, options);
}
