/**
 * The storefront at `/` and the dashboard at `/dashboard`: pages that use the public API and nothing
 * else. Every address that the storefront's router knows is answered with the same page, so that a
 * link can be kept, sent and reloaded; every other address stays a problem of the API.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Asset, bundle, compressed, type PageName } from './bundle.ts';
import { contentSecurityPolicy, markSvg, pageHtml } from './page.ts';

/** As storefront/routes.ts has them; a test compares the two. */
export const storefrontPaths = [
  '/',
  '/search',
  '/items/:id',
  '/cart',
  '/sign-in',
  '/account',
  '/checkout',
  '/pay/:id',
  '/orders',
  '/orders/:id',
  '/wishlist',
  '/notifications',
] as const;

/** Live counts, and what operators do: one page that tells its address apart. */
export const dashboardPaths = ['/dashboard', '/dashboard/operations'] as const;

const forEver = 'public, max-age=31536000, immutable';
/** Kept, but asked about each time: the page names the assets of the running version. */
const askAgain = 'no-cache';

// A page is for anyone, and no part of the API's document.
const open = { config: { access: 'anyone' }, schema: { hide: true } } as const;

export async function webRoutes(app: FastifyInstance): Promise<void> {
  const built = await bundle();
  const pageOf = (name: PageName) =>
    compressed(name, 'text/html; charset=utf-8', Buffer.from(pageHtml(name, built)));
  const storefront = await pageOf('storefront');
  const dashboard = await pageOf('dashboard');
  const mark = await compressed('mark.svg', 'image/svg+xml', Buffer.from(markSvg));

  const page = (asset: Asset) => async (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('content-security-policy', contentSecurityPolicy);
    return sendAsset(request, reply, asset, askAgain);
  };
  for (const path of storefrontPaths) app.get(path, open, page(storefront));
  for (const path of dashboardPaths) app.get(path, open, page(dashboard));
  app.get('/assets/mark.svg', open, async (request, reply) =>
    sendAsset(request, reply, mark, 'public, max-age=86400'),
  );
  app.get<{ Params: { name: string } }>('/assets/:name', open, async (request, reply) => {
    const asset = built.assets.get(request.params.name);
    if (asset === undefined) return reply.callNotFound();
    return sendAsset(request, reply, asset, forEver);
  });
}

function sendAsset(
  request: FastifyRequest,
  reply: FastifyReply,
  asset: Asset,
  cacheControl: string,
): FastifyReply {
  reply.headers({ etag: asset.etag, 'cache-control': cacheControl, vary: 'accept-encoding' });
  if (request.headers['if-none-match']?.includes(asset.etag)) return reply.code(304).send();

  const accepted = String(request.headers['accept-encoding'] ?? '');
  reply.type(asset.type);
  if (/\bbr\b/.test(accepted)) return reply.header('content-encoding', 'br').send(asset.brotli);
  if (/\bgzip\b/.test(accepted)) return reply.header('content-encoding', 'gzip').send(asset.gzip);
  return reply.send(asset.plain);
}
