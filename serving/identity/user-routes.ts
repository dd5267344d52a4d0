/** `/users`: sign-up, and roles. */
import type { UserId } from '#schemas/users';
import type { UsersStore } from '#views/users-store';
import { ViewError } from '#views/view';
import type { Clock, ServingSettings } from '../dependencies.ts';
import { derivedId } from '../idempotency.ts';
import { id, list, object, type Routes } from '../json-schema.ts';
import { problem } from '../problem.ts';
import type { Passwords } from './passwords.ts';
import { rateOf } from './sign-in-rate.ts';
import {
  emailInput,
  nameInput,
  newPassword,
  normalEmail,
  role,
  userJson,
  userReply,
} from './user-json.ts';

export interface UserRoutesOptions {
  readonly users: UsersStore;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly settings: ServingSettings;
}

const tags = ['identity'];

export const userRoutes: Routes<UserRoutesOptions> = async (app, options) => {
  const { users, passwords, clock, settings } = options;

  app.post(
    '/users',
    {
      config: { access: 'anyone', idempotent: true, rateLimit: rateOf(settings) },
      schema: {
        tags,
        summary: 'Sign up',
        body: object({ email: emailInput, password: newPassword, name: nameInput }),
        response: { 201: userReply },
      },
    },
    async (request, reply) => {
      const { email, password, name } = request.body;
      const createdAtMs = clock.nowMs();
      const user = {
        id: derivedId(request, 'user') as UserId,
        email: normalEmail(email),
        name,
        roles: ['shopper' as const],
        passwordHash: await passwords.hash(password),
        createdAtMs,
      };
      try {
        await users.create(user, { type: 'UserRegistered', role: 'shopper', at: createdAtMs });
      } catch (error) {
        if (!(error instanceof ViewError) || error.code !== 'VIEW_CONFLICT') throw error;
        // The same request after a crash: its id is derived from its Idempotency-Key.
        const taken = request.idempotency && (await users.byEmail(user.email));
        if (taken?.id === user.id) return reply.code(201).send(userJson(taken));
        throw problem('email-taken', 'sign in, or sign up with another e-mail address');
      }
      return reply.code(201).send(userJson(user));
    },
  );

  app.put(
    '/users/:id/roles',
    {
      config: { access: ['admin'] },
      schema: {
        tags,
        summary: "Set a user's roles; they count from the next sign-in or refresh",
        params: object({ id: id<UserId>('the id of a user') }),
        body: object({ roles: list(role, { minItems: 1, maxItems: 5 }) }),
        response: { 200: userReply },
      },
    },
    async (request) => {
      const { id: userId } = request.params;
      if (!(await users.get(userId))) throw problem('user-unknown', `there is no user '${userId}'`);
      await users.setRoles(userId, [...new Set(request.body.roles)]);
      const user = await users.get(userId);
      if (!user) throw problem('user-unknown', `user '${userId}' has just been deleted`);
      return userJson(user);
    },
  );
};
