/** Turns whatever went wrong into a problem: the framework's refusals, views away, and bugs. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ViewError } from '#views/view';
import { Problem, type ProblemCode, problem } from '../problem.ts';
import { validationErrors } from './validation.ts';

const problemType = 'application/problem+json; charset=utf-8';

export function handleErrors(
  app: FastifyInstance,
  allowedMethods: (path: string) => readonly string[],
): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const told = problemOf(error, request);
    if (told.statusCode === 500) request.log.error({ err: error }, 'a request failed');
    return sendProblem(reply, told);
  });

  app.setNotFoundHandler((request, reply) => {
    const [path = '/'] = request.url.split('?', 1);
    const allowed = allowedMethods(path);
    if (allowed.length === 0) {
      const detail = `there is no ${request.method} ${shortened(path)}; see /openapi.json`;
      return sendProblem(reply, problem('route-unknown', detail));
    }
    const allow = allowed.join(', ');
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send();
    const detail = `${shortened(path)} takes ${allow}, not ${request.method}`;
    return sendProblem(reply, problem('method-not-allowed', detail, { headers: { allow } }));
  });
}

export function sendProblem(reply: FastifyReply, told: Problem): FastifyReply {
  reply.code(told.statusCode).headers(told.headers).type(problemType);
  // A string goes out as it is: the schemas of answers are not asked.
  return reply.serializer(String).send(JSON.stringify(told.body));
}

function problemOf(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ViewError) return viewProblem(error);
  if (error.validation) {
    const errors = validationErrors(error.validation, error.validationContext ?? 'request');
    const detail = errors.map(({ path, message }) => `${path} ${message}`).join('; ');
    return problem('invalid-request', detail, { extras: { errors } });
  }
  const known = frameworkProblem(error);
  if (known) return known;

  const detail = `this is our mistake, not yours; it was noted as request ${request.id}`;
  return problem('internal-error', detail, { extras: { requestId: request.id }, cause: error });
}

function viewProblem(error: ViewError): Problem {
  switch (error.code) {
    case 'VIEW_CURSOR_INVALID':
      return problem('invalid-cursor', 'pass the nextCursor of a page as it came, or none');
    case 'VIEW_UNAVAILABLE':
      return problem('view-unavailable', 'what this asks for cannot be looked up at the moment', {
        retryAfterS: 2,
        cause: error,
      });
    case 'VIEW_CONFLICT':
      return problem('request-in-progress', 'somebody changed the same thing at the same time');
  }
}

/** By Fastify's own codes. @see https://fastify.dev/docs/latest/Reference/Errors/ */
const frameworkCodes: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed-json', 'the body is not JSON in UTF-8'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed-json', 'the body is empty; send JSON'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'send less at once'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-media-type', 'see /openapi.json for what it takes'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'invalid-request',
    'Content-Length does not match the length of the body',
  ],
  FST_ERR_BAD_URL: ['invalid-request', 'the address is not a well-formed URL'],
  FST_ERR_MAX_PARAM_LENGTH: ['address-too-long', 'a part of the address is too long'],
  FST_ERR_HANDLER_TIMEOUT: ['too-busy', 'this took too long'],
};

function frameworkProblem(error: FastifyError): Problem | undefined {
  const known = frameworkCodes[error.code];
  if (known) return problem(...known);
  if (error.statusCode === 429) {
    return problem('too-many-requests', 'wait a minute, then try again', { retryAfterS: 60 });
  }
  if (error.statusCode === 503) {
    return problem('shutting-down', 'ask another server, or this one in a moment', {
      retryAfterS: 2,
    });
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return problem('invalid-request', error.message);
  }
  return undefined;
}

function shortened(path: string): string {
  return path.length > 200 ? `${path.slice(0, 200)}…` : path;
}
