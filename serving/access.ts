/**
 * Who may call a route. A route says it in `config.access`; the gateway turns that into the check
 * and into the security of the OpenAPI document, so that the two cannot differ.
 */
import type { FastifyRequest } from 'fastify';
import type { Role } from '#schemas/users';
import type { AccessTokens, Caller } from './identity/access-tokens.ts';
import { problem } from './problem.ts';

/**
 * `anyone`: no token needed; `visitor`: a user or a guest; `member`: a user; roles: a user with one
 * of them. An administrator may do everything.
 */
export type Access = 'anyone' | 'visitor' | 'member' | readonly Role[];

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** Takes an Idempotency-Key. */
    idempotent?: boolean;
    /** Also takes the token as `access_token`, for clients that cannot set headers. */
    tokenInQuery?: boolean;
  }
  interface FastifyRequest {
    caller: Caller | undefined;
  }
}

/** What routes hand on of a request, whatever its schemas are. */
export type ApiRequest = Pick<
  FastifyRequest,
  'caller' | 'commandSeed' | 'headers' | 'idempotency' | 'log' | 'url'
>;

/** The caller of a route whose access is not `anyone`. */
export function callerOf(request: ApiRequest): Caller {
  if (!request.caller) throw new Error(`${request.url}: a route for anyone asked for its caller`);
  return request.caller;
}

export function isAdmin(caller: Caller): boolean {
  return caller.roles.includes('admin');
}

/**
 * @throws Problem `unauthenticated`, `invalid-token`, `token-expired`, `registration-required` or
 *   `forbidden`. A token that is no good is refused even where none is needed.
 */
export function admit(access: Access, request: FastifyRequest, tokens: AccessTokens): void {
  const token = tokenOf(request);
  if (token !== undefined) request.caller = tokens.read(token);
  if (access === 'anyone') return;

  const { caller } = request;
  if (!caller) {
    const detail = 'send `Authorization: Bearer <accessToken>`; POST /v1/sessions gives one';
    throw problem('unauthenticated', detail, { headers: { 'www-authenticate': 'Bearer' } });
  }
  if (access === 'visitor') return;
  if (caller.isGuest) {
    throw problem('registration-required', 'guests can fill a cart; sign up to go on');
  }
  if (access === 'member' || isAdmin(caller)) return;
  if (access.some((role) => caller.roles.includes(role))) return;
  throw problem('forbidden', `this needs one of the roles ${access.join(', ')}`);
}

function tokenOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const [scheme, token] = header.split(' ', 2);
    if (scheme?.toLowerCase() === 'bearer' && token) return token;
    throw problem('invalid-token', 'the Authorization header is not `Bearer <accessToken>`');
  }
  if (!request.routeOptions.config.tokenInQuery) return undefined;
  const { access_token: token } = request.query as { access_token?: unknown };
  return typeof token === 'string' ? token : undefined;
}
