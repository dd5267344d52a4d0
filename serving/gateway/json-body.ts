/** Reads JSON bodies: strictly UTF-8, and without names that could reach a prototype. */
import type { FastifyInstance } from 'fastify';

export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  const decoder = new TextDecoder('utf-8', { fatal: true });

  // Fastify decodes leniently, so that two different bodies could become the same text.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    let text = '';
    try {
      text = decoder.decode(body as Buffer);
    } catch {
      // Left empty: refused below, as any body that is not JSON.
    }
    // A DELETE that says it is JSON and sends nothing means nothing by it.
    if (body.length === 0 && request.method === 'DELETE') done(null, undefined);
    else void parse(request, text, done);
  });
  app.removeContentTypeParser('text/plain');
}
