/** Access tokens: JSON Web Tokens that say who calls, for a quarter of an hour. */
import type { FastifyInstance } from 'fastify';
import { type Role, roles, type UserId } from '#schemas/users';
import type { Clock } from '../dependencies.ts';
import { problem } from '../problem.ts';

export const accessTokenMs = 15 * 60_000;
/** A guest has no refresh token: the cart would be lost with the access token. */
export const guestTokenMs = 30 * 86_400_000;

export const issuer = 'millrace';
export const audience = 'millrace-shop';

export interface Caller {
  readonly userId: UserId;
  readonly roles: readonly Role[];
  readonly isGuest: boolean;
}

export interface AccessTokens {
  issue(caller: Caller): { readonly token: string; readonly expiresAtMs: number };
  /** @throws Problem `invalid-token` or `token-expired` */
  read(token: string): Caller;
}

interface Claims {
  readonly sub: UserId;
  readonly roles: readonly Role[];
  readonly iss: string;
  readonly aud: string;
  /** Seconds since the Unix epoch. */
  readonly iat: number;
  readonly exp: number;
}

/** Needs @fastify/jwt registered on `app`. Expiry is checked here, against the shop's own clock. */
export function accessTokens(app: FastifyInstance, clock: Clock): AccessTokens {
  return {
    issue({ userId, roles: granted, isGuest }) {
      const iat = Math.floor(clock.nowMs() / 1_000);
      const exp = iat + (isGuest ? guestTokenMs : accessTokenMs) / 1_000;
      const claims: Claims = { sub: userId, roles: granted, iss: issuer, aud: audience, iat, exp };
      return { token: app.jwt.sign(claims), expiresAtMs: exp * 1_000 };
    },
    read(token) {
      const claims = verified(app, token);
      if (claims.exp * 1_000 <= clock.nowMs()) {
        throw problem('token-expired', 'use the refresh token: POST /v1/sessions/refresh', {
          headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
        });
      }
      return {
        userId: claims.sub,
        roles: claims.roles,
        isGuest: claims.sub.startsWith('guest_'),
      };
    },
  };
}

function verified(app: FastifyInstance, token: string): Claims {
  try {
    const claims: unknown = app.jwt.verify(token);
    if (isClaims(claims)) return claims;
  } catch {
    // Which of the many ways a token can be wrong helps only who forges it.
  }
  throw problem('invalid-token', 'the access token was not issued by this shop; sign in again', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}

function isClaims(claims: unknown): claims is Claims {
  if (typeof claims !== 'object' || claims === null) return false;
  const { sub, roles: granted, exp } = claims as Partial<Record<keyof Claims, unknown>>;
  return (
    typeof sub === 'string' &&
    typeof exp === 'number' &&
    Array.isArray(granted) &&
    granted.every((role) => (roles as readonly unknown[]).includes(role))
  );
}
