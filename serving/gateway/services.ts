/** Every service, and where it hangs. */
import type { FastifyInstance } from 'fastify';
import { cartRoutes } from '../carts/cart-routes.ts';
import type { Dependencies } from '../dependencies.ts';
import { accessTokens } from '../identity/access-tokens.ts';
import { meRoutes } from '../identity/me-routes.ts';
import { passwords } from '../identity/passwords.ts';
import { sessionRoutes } from '../identity/session-routes.ts';
import { userRoutes } from '../identity/user-routes.ts';
import { itemRoutes } from '../items/item-routes.ts';
import { offerRoutes } from '../items/offer-routes.ts';
import { healthRoutes } from '../operations/health-routes.ts';
import { orderRoutes } from '../orders/order-routes.ts';
import { webhookRoutes } from '../payments/webhook-routes.ts';
import { sandboxRoutes } from '../sandbox/sandbox-routes.ts';
import { searchRoutes } from '../search/search-routes.ts';

export async function registerServices(
  app: FastifyInstance,
  dependencies: Dependencies,
): Promise<void> {
  const { sandbox, views, clock, settings } = dependencies;
  await app.register(healthRoutes, dependencies);
  if (sandbox) await app.register(sandboxRoutes, { sandbox, views, clock, prefix: '/sandbox' });

  const hasher = passwords({ cost: settings.passwordCost });
  const tokens = accessTokens(app, clock);
  const options = { ...dependencies, passwords: hasher, tokens, prefix: '/v1' };
  await app.register(userRoutes, options);
  await app.register(sessionRoutes, options);
  await app.register(meRoutes, options);
  await app.register(itemRoutes, options);
  await app.register(offerRoutes, options);
  await app.register(searchRoutes, options);
  await app.register(cartRoutes, options);
  await app.register(orderRoutes, options);
  await app.register(webhookRoutes, options);
}
