/** A body that trickles in holds a socket and gives nothing: it has half a minute to arrive. */
import type { FastifyInstance } from 'fastify';
import { problem } from '../problem.ts';

const defaultTimeoutMs = 30_000;

/** Feeds, which may be of any length, watch over themselves. */
export function limitBodyTime(app: FastifyInstance, timeoutMs = defaultTimeoutMs): void {
  app.addHook('preParsing', async (request, reply, payload) => {
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
    if (hasBody && !request.routeOptions.config.streamsBody) {
      const { raw } = request;
      const refuse = () => {
        reply.header('connection', 'close'); // What still comes is no request.
        // Who reads the body hears of it and answers; destroying the socket would answer nobody.
        raw.emit('error', problem('request-timeout', `the body took more than ${timeoutMs} ms`));
      };
      const timer = setTimeout(refuse, timeoutMs).unref();
      raw.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
    }
    return payload;
  });
}
