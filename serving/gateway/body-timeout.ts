/** A body that trickles in holds a socket and gives nothing: it has half a minute to arrive. */
import type { FastifyInstance } from 'fastify';

const bodyTimeoutMs = 30_000;

/** Feeds, which may be of any length, watch over themselves. */
export function limitBodyTime(app: FastifyInstance): void {
  app.addHook('preParsing', async (request, _reply, payload) => {
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
    if (hasBody && !request.routeOptions.config.streamsBody) {
      const { raw } = request;
      const timer = setTimeout(() => raw.destroy(), bodyTimeoutMs).unref();
      raw.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
    }
    return payload;
  });
}
