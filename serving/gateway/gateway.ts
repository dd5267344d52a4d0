/**
 * The front door: every service behind one address. It decides what all of them have in common:
 * who may call, what a problem looks like, what is checked, and what the document says.
 */
import type { Socket } from 'node:net';
import jwt from '@fastify/jwt';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import { type Access, admit } from '../access.ts';
import type { Dependencies, ServingSettings } from '../dependencies.ts';
import { type Idempotency, idempotency } from '../idempotency.ts';
import { type AccessTokens, accessTokens, audience, issuer } from '../identity/access-tokens.ts';
import { problem } from '../problem.ts';
import { watchRoutes } from './allowed-methods.ts';
import { limitBodyTime } from './body-timeout.ts';
import { handleErrors, sendProblem } from './error-handling.ts';
import { readJsonBodies } from './json-body.ts';
import { openApiOptions } from './openapi.ts';
import { registerServices } from './services.ts';
import { schemaCompiler } from './validation.ts';

const bodyLimitBytes = 1024 * 1024;
const minSecretLength = 32;

/** Serves nothing until `listen` or `inject`. `close` waits for requests that are being answered. */
export function buildGateway(dependencies: Dependencies): FastifyInstance {
  const { settings, ids } = dependencies;
  if (settings.jwtSecret.length < minSecretLength) {
    throw new Error(`jwtSecret must have at least ${minSecretLength} characters`);
  }
  const app = fastify({
    logger: loggerOf(settings),
    genReqId: () => ids.next(),
    // The nearest is number 0.
    trustProxy: (_address, number) => number < (settings.proxies ?? 0),
    bodyLimit: bodyLimitBytes,
    // A feed may take hours; other bodies are limited by `limitBodyTime`.
    requestTimeout: 0,
    // Fastify's own answer is no problem+json: `refuseWhenClosing` has one.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (_error, _request, reply) => {
      const detail = 'the address is not a well-formed URL';
      void sendProblem(reply, problem('invalid-request', detail));
    },
    clientErrorHandler: answerUnreadable,
  });

  app.setValidatorCompiler(schemaCompiler());
  readJsonBodies(app);
  limitBodyTime(app, settings.bodyTimeoutMs);
  handleErrors(app, watchRoutes(app));
  refuseWhenClosing(app);
  guardRoutes(app, dependencies);
  addSecurityHeaders(app);
  app.register(async (root) => {
    await registerServices(root, dependencies);
  });
  return app;
}

function loggerOf({ log = 'nothing' }: ServingSettings) {
  if (log === 'nothing') return false;
  const level = log === 'requests' ? 'info' : 'error';
  return { level, redact: ['req.headers.authorization'] };
}

function guardRoutes(app: FastifyInstance, dependencies: Dependencies): void {
  const { settings, clock, ids, rateLimits, idempotency: store } = dependencies;
  const verify = { algorithms: ['HS256' as const], allowedIss: issuer, allowedAud: audience };
  app.register(jwt, {
    secret: settings.jwtSecret,
    sign: { algorithm: 'HS256' },
    // The cache saves the HMAC of a token seen before; expiry is checked against the shop's clock.
    verify: { ...verify, ignoreExpiration: true, cache: true },
  });
  app.register(rateLimit, { global: false, ...(rateLimits && { store: rateLimits }) });
  app.register(swagger, openApiOptions);
  app.decorateRequest('caller', undefined);
  app.decorateRequest('idempotency', undefined);
  app.decorateRequest('commandSeed', undefined);

  const tokens = accessTokens(app, clock);
  const { jwtSecret: secret, decisionTimeoutMs = 5_000, viewTimeoutMs = 5_000 } = settings;
  const writeWithinMs = decisionTimeoutMs + viewTimeoutMs;
  const once = idempotency({ store, clock, ids, secret, writeWithinMs });
  app.addHook('onRoute', (route) => {
    const access = route.config?.access;
    if (access === undefined) {
      throw new Error(`${String(route.method)} ${route.url}: config.access is missing`);
    }
    addChecks(route, access, tokens, once);
  });
}

function addChecks(
  route: RouteOptions,
  access: Access,
  tokens: AccessTokens,
  once: Idempotency,
): void {
  const given = route.onRequest === undefined ? [] : [route.onRequest].flat();
  route.onRequest = [
    ...given,
    async (request) => {
      admit(access, request, tokens);
    },
  ];
  if (!route.config?.idempotent) return;
  route.preHandler = async (request, reply) => once.begin(request, reply);
  route.onSend = async (request, reply, payload) => {
    await once.end(request, reply, payload);
    return payload;
  };
}

/** What was taken is answered; what comes on connections that are still open is not begun. */
function refuseWhenClosing(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onRequest', async () => {
    if (!closing) return;
    const detail = 'ask another server, or this one in a moment';
    throw problem('shutting-down', detail, { retryAfterS: 2 });
  });
}

/** Answers are data for programs: nothing of them may be run, framed or guessed at by a browser. */
function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
    reply.header('x-frame-options', 'DENY');
    if (!reply.hasHeader('content-security-policy')) {
      reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    }
    if (request.caller && !reply.hasHeader('cache-control')) {
      reply.header('cache-control', 'no-store');
    }
    return payload;
  });
}

/** What Node's parser refuses never becomes a request: the answer is written to the socket. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const told =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? problem('headers-too-large', 'send fewer or shorter headers')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? problem('request-timeout', 'the request did not arrive in time')
        : problem('invalid-request', 'this is not well-formed HTTP/1.1');
  const body = JSON.stringify(told.body);
  const head = [
    `HTTP/1.1 ${told.statusCode} ${told.body.title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
