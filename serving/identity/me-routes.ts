/** `/me`: one's own account and addresses. */
import type { Pincode } from '#schemas/serviceability';
import type { AddressId } from '#schemas/users';
import type { UserProfile, UserProfiles, UsersStore } from '#views/users-store';
import { type ApiRequest, callerOf } from '../access.ts';
import type { Clock } from '../dependencies.ts';
import { derivedId } from '../idempotency.ts';
import { id, list, matching, object, type Routes, reply, text } from '../json-schema.ts';
import { problem } from '../problem.ts';
import { nameInput, userJson, userReply } from './user-json.ts';

export interface MeRoutesOptions {
  readonly users: UsersStore;
  readonly profiles: UserProfiles;
  readonly clock: Clock;
}

/** Enough for anybody, few enough to list. */
const maxAddresses = 50;

export const pincodeInput = matching<Pincode>(
  '^[1-9][0-9]{5}$',
  'a pincode: six digits, the first not 0',
  6,
);

const addressInput = {
  name: nameInput,
  lines: list(text(200, 1), { minItems: 1, maxItems: 5 }),
  city: text(100, 1),
  pincode: pincodeInput,
  phone: matching('^[+0-9][0-9 ()-]{5,19}$', 'a telephone number of 6 to 20 digits', 20),
} as const;

export const addressReply = object({
  id: reply<AddressId>(),
  name: reply(),
  lines: list(reply()),
  city: reply(),
  pincode: reply<Pincode>(),
  phone: reply(),
});

const tags = ['identity'];
const nothing = { 204: { type: 'null', description: 'done' } };

export const meRoutes: Routes<MeRoutesOptions> = async (app, { users, profiles, clock }) => {
  const me = async (request: ApiRequest): Promise<UserProfile> => {
    const user = await profiles.get(callerOf(request).userId);
    if (!user) throw problem('unauthenticated', 'this account has been deleted');
    return user;
  };

  app.get(
    '/me',
    {
      config: { access: 'member' },
      schema: { tags, summary: 'Who am I?', response: { 200: userReply } },
    },
    async (request) => userJson(await me(request)),
  );

  app.patch(
    '/me',
    {
      config: { access: 'member' },
      schema: {
        tags,
        summary: 'Change my name',
        body: object({ name: nameInput }),
        response: { 200: userReply },
      },
    },
    async (request) => {
      const user = await me(request);
      await users.rename(user.id, request.body.name);
      return userJson({ ...user, name: request.body.name });
    },
  );

  app.delete(
    '/me',
    {
      config: { access: 'member' },
      schema: { tags, summary: 'Delete my account', response: nothing },
    },
    async (request, reply) => {
      const user = await me(request);
      await users.delete(user.id, { type: 'UserDeleted', at: clock.nowMs() });
      return reply.code(204).send();
    },
  );
  await app.register(addressRoutes, { users });
};

const addressRoutes: Routes<{ readonly users: UsersStore }> = async (app, { users }) => {
  app.get(
    '/me/addresses',
    {
      config: { access: 'member' },
      schema: {
        tags,
        summary: 'My addresses',
        response: { 200: object({ addresses: list(addressReply) }) },
      },
    },
    async (request) => ({ addresses: await users.addresses(callerOf(request).userId) }),
  );

  app.post(
    '/me/addresses',
    {
      config: { access: 'member', idempotent: true },
      schema: {
        tags,
        summary: 'Add an address',
        body: object(addressInput),
        response: { 201: addressReply },
      },
    },
    async (request, reply) => {
      const { userId } = callerOf(request);
      const [user, known] = await Promise.all([users.get(userId), users.addresses(userId)]);
      if (!user) throw problem('unauthenticated', 'this account has been deleted');
      if (known.length >= maxAddresses) {
        throw problem('invalid-request', `an account holds ${maxAddresses} addresses; delete one`);
      }
      const address = { id: derivedId(request, 'addr') as AddressId, ...request.body };
      await users.putAddress(userId, address);
      return reply.code(201).send(address);
    },
  );

  app.delete(
    '/me/addresses/:id',
    {
      config: { access: 'member' },
      schema: {
        tags,
        summary: 'Delete an address',
        params: object({ id: id<AddressId>('the id of an address') }),
        response: nothing,
      },
    },
    async (request, reply) => {
      const deleted = await users.deleteAddress(callerOf(request).userId, request.params.id);
      if (!deleted) throw problem('address-unknown', 'none of your addresses has this id');
      return reply.code(204).send();
    },
  );
};
