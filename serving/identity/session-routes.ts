/** `/sessions`: signing in, staying signed in, signing out, and guests. */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { UserId } from '#schemas/users';
import type { User, UsersStore } from '#views/users-store';
import { callerOf } from '../access.ts';
import type { Clock, Ids, ServingSettings } from '../dependencies.ts';
import { boolean, type Described, list, object, type Routes, reply, text } from '../json-schema.ts';
import { problem } from '../problem.ts';
import { rfc3339, time } from '../wire.ts';
import { type AccessTokens, accessTokens } from './access-tokens.ts';
import { failedSignIns } from './failed-sign-ins.ts';
import type { Passwords } from './passwords.ts';
import { rateOf } from './sign-in-rate.ts';
import { normalEmail, role } from './user-json.ts';

const refreshTokenMs = 30 * 86_400_000;

export interface SessionRoutesOptions {
  readonly users: UsersStore;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly settings: ServingSettings;
}

const sessionReply = object(
  { accessToken: reply(), expiresAt: time, userId: reply<UserId>(), roles: list(role) },
  { refreshToken: reply() },
);
type Session = Described<typeof sessionReply>;

const signIn = object({}, { email: text(254), password: text(200), guest: boolean });
const tags = ['identity'];

export const sessionRoutes: Routes<SessionRoutesOptions> = async (app, options) => {
  const { users, passwords, clock, settings } = options;
  const sessions = openSessions(app as unknown as FastifyInstance, options);
  const rateLimit = rateOf(settings);
  const failures = failedSignIns(clock);

  app.post(
    '/sessions',
    {
      config: { access: 'anyone', rateLimit },
      schema: {
        tags,
        summary: 'Sign in with e-mail and password, or as a guest with {"guest": true}',
        body: signIn,
        response: { 201: sessionReply },
      },
    },
    async (request, reply) => {
      const { email, password, guest } = request.body;
      if (guest) return reply.code(201).send(sessions.ofGuest());
      if (email === undefined || password === undefined) throw incomplete(email === undefined);

      const account = normalEmail(email);
      failures.check(account);
      const user = await users.byEmail(account);
      const isRight = await passwords.verify(password, user?.passwordHash);
      if (!user || !isRight) {
        failures.failed(account);
        throw problem('invalid-credentials', 'check both, then try again');
      }
      failures.succeeded(account);
      return reply.code(201).send(await sessions.of(user));
    },
  );

  app.post(
    '/sessions/refresh',
    {
      config: { access: 'anyone', rateLimit },
      schema: {
        tags,
        summary: 'Get new tokens for a refresh token, which works once',
        body: object({ refreshToken: text(200, 1) }),
        response: { 201: sessionReply },
      },
    },
    async (request, reply) => {
      const taken = await users.takeRefreshToken(tokenHash(request.body.refreshToken));
      const user =
        taken && taken.expiresAtMs > clock.nowMs() ? await users.get(taken.userId) : null;
      if (!user) throw problem('invalid-refresh-token', 'it was used before or is over; sign in');
      return reply.code(201).send(await sessions.of(user));
    },
  );

  app.delete(
    '/sessions',
    {
      config: { access: 'visitor' },
      schema: {
        tags,
        summary: 'Sign out everywhere: no refresh token of this user works any more',
        response: { 204: { type: 'null', description: 'signed out' } },
      },
    },
    async (request, reply) => {
      const { userId, isGuest } = callerOf(request);
      if (!isGuest) await users.deleteRefreshTokens(userId);
      return reply.code(204).send();
    },
  );
};

function openSessions(app: FastifyInstance, { users, clock, ids }: SessionRoutesOptions) {
  const tokens: AccessTokens = accessTokens(app, clock);
  const sessionOf = (userId: UserId, roles: User['roles'], isGuest: boolean): Session => {
    const { token, expiresAtMs } = tokens.issue({ userId, roles, isGuest });
    return { accessToken: token, expiresAt: rfc3339(expiresAtMs), userId, roles };
  };

  return {
    ofGuest: (): Session => sessionOf(`guest_${ids.next()}` as UserId, [], true),
    async of(user: User): Promise<Session> {
      const refreshToken = `${ids.next()}${ids.next()}`;
      const expiresAtMs = clock.nowMs() + refreshTokenMs;
      const saved = { tokenHash: tokenHash(refreshToken), userId: user.id, expiresAtMs };
      await users.saveRefreshToken(saved);
      return { ...sessionOf(user.id, user.roles, false), refreshToken };
    },
  };
}

function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function incomplete(isEmailMissing: boolean): Error {
  const path = `body/${isEmailMissing ? 'email' : 'password'}`;
  return problem('invalid-request', `${path} is missing; send email and password, or guest`, {
    extras: { errors: [{ path, message: 'is missing' }] },
  });
}
