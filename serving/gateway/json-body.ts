/** Reads JSON bodies: strictly UTF-8, not too deep, and without names that could reach a prototype. */
import type { FastifyInstance } from 'fastify';
import { problem } from '../problem.ts';

/** No body of ours is half as deep; one of thousands would exhaust the stack of whoever walks it. */
const deepest = 32;

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
    else if (isTooDeep(text)) done(tooDeep(), undefined);
    else void parse(request, text, done);
  });
  app.removeContentTypeParser('text/plain');
}

function tooDeep() {
  return problem('invalid-request', `the body is nested more than ${deepest} levels deep`);
}

/** Counts brackets outside of strings; whether the text is JSON at all is seen by the parser. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '[' || character === '{') {
      depth += 1;
      if (depth > deepest) return true;
    } else if (character === ']' || character === '}') depth -= 1;
  }
  return false;
}
