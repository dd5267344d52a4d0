/** Which methods an address takes, to tell 405 from 404. Asked only when no route was found. */
import type { FastifyInstance } from 'fastify';

/** Watches the routes of `app` as they are added; answers the methods of a path, sorted. */
export function watchRoutes(app: FastifyInstance): (path: string) => readonly string[] {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];

  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const methods = Array.isArray(method) ? method : [method];
    routes.push({ pattern: patternOf(url), methods });
  });

  return (path) => {
    const matching = routes.filter(({ pattern }) => pattern.test(path));
    return [...new Set(matching.flatMap(({ methods }) => methods))].sort();
  };
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    return part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
