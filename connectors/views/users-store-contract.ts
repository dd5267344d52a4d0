/** What holds for every users store. */
import type { Address, AddressId, UserEvent, UserId } from '#schemas/users';
import type { User, UsersOutbox, UsersStore } from './users-store.ts';

export interface UsersStoreUnderTest {
  readonly store: UsersStore & UsersOutbox;
  readonly reopen: () => Promise<UsersStoreUnderTest>;
}

type Open = () => Promise<UsersStoreUnderTest>;

const registered: UserEvent = { type: 'UserRegistered', role: 'shopper', at: 1_000 };
const deleted: UserEvent = { type: 'UserDeleted', at: 2_000 };

function sampleUser(id: string, changes: Partial<User> = {}): User {
  return {
    id: id as UserId,
    email: `${id}@example.com`,
    name: `Name of ${id}`,
    roles: ['shopper'],
    passwordHash: 'scrypt$…',
    createdAtMs: 1_000,
    ...changes,
  };
}

function sampleAddress(id: string, city = 'Pune'): Address {
  return {
    id: id as AddressId,
    name: 'Asha',
    lines: ['12 Hill Road', 'Flat 3'],
    city,
    pincode: '411001' as Address['pincode'],
    phone: '9000000000',
  };
}

const anna = sampleUser('anna');
const ben = sampleUser('ben');
const nobody = 'nobody' as UserId;

export function usersStoreContract(name: string, open: Open): void {
  describe(name, () => {
    accountTests(open);
    addressTests(open);
    sessionTests(open);
    outboxTests(open);
  });
}

function accountTests(open: Open): void {
  test('finds a user by id and by e-mail address, also when it is opened again', async () => {
    const before = await open();
    await before.store.create(anna, registered);
    const { store } = await before.reopen();
    expect(await store.get(anna.id)).toEqual(anna);
    expect(await store.byEmail(anna.email)).toEqual(anna);
    expect(await store.get(nobody)).toBeUndefined();
    expect(await store.byEmail('nobody@example.com')).toBeUndefined();
  });

  test('gives an e-mail address to one user only, and then writes nothing', async () => {
    const { store } = await open();
    await store.create(anna, registered);
    const second = store.create({ ...ben, email: anna.email }, registered);
    await expect(second).rejects.toMatchObject({ name: 'ViewError', code: 'VIEW_CONFLICT' });
    expect(await store.get(ben.id)).toBeUndefined();
    expect(await store.outbox(10)).toHaveLength(1);
  });

  test('lets one of many win who ask for an address at the same time', async () => {
    const { store } = await open();
    const users = Array.from({ length: 20 }, (_, index) =>
      sampleUser(`user-${index}`, { email: 'same@example.com' }),
    );
    const outcomes = await Promise.allSettled(users.map((user) => store.create(user, registered)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('changes the name and the roles of one user', async () => {
    const { store } = await open();
    await store.create(anna, registered);
    await store.create(ben, registered);
    await store.rename(anna.id, 'Anna B.');
    await store.setRoles(anna.id, ['shopper', 'admin']);
    await store.rename(nobody, 'Nobody');
    expect(await store.get(anna.id)).toEqual({
      ...anna,
      name: 'Anna B.',
      roles: ['shopper', 'admin'],
    });
    expect(await store.get(ben.id)).toEqual(ben);
  });

  test('frees the e-mail address of a deleted user and keeps nothing of hers', async () => {
    const { store } = await open();
    await store.create(anna, registered);
    await store.putAddress(anna.id, sampleAddress('a1'));
    await store.saveRefreshToken({ tokenHash: 't1', userId: anna.id, expiresAtMs: 9_000 });
    await store.delete(anna.id, deleted);
    expect(await store.get(anna.id)).toBeUndefined();
    expect(await store.addresses(anna.id)).toEqual([]);
    expect(await store.takeRefreshToken('t1')).toBeUndefined();
    await store.create({ ...ben, email: anna.email }, registered);
  });
}

function addressTests(open: Open): void {
  test("keeps a user's addresses in their order, and changes one in its place", async () => {
    const { store } = await open();
    await store.create(anna, registered);
    await store.create(ben, registered);
    await store.putAddress(anna.id, sampleAddress('z'));
    await store.putAddress(anna.id, sampleAddress('a'));
    await store.putAddress(ben.id, sampleAddress('z'));
    await store.putAddress(anna.id, sampleAddress('z', 'Mumbai'));
    expect(await store.addresses(anna.id)).toEqual([
      sampleAddress('z', 'Mumbai'),
      sampleAddress('a'),
    ]);
    expect(await store.addresses(ben.id)).toEqual([sampleAddress('z')]);
  });

  test("deletes one of a user's addresses and nobody else's", async () => {
    const { store } = await open();
    await store.create(anna, registered);
    await store.create(ben, registered);
    await store.putAddress(anna.id, sampleAddress('z'));
    expect(await store.deleteAddress(ben.id, 'z' as AddressId)).toBe(false);
    expect(await store.deleteAddress(anna.id, 'z' as AddressId)).toBe(true);
    expect(await store.deleteAddress(anna.id, 'z' as AddressId)).toBe(false);
  });

  test('refuses the address of nobody', async () => {
    const { store } = await open();
    const refused = store.putAddress(nobody, sampleAddress('a'));
    await expect(refused).rejects.toMatchObject({ code: 'VIEW_CONFLICT' });
  });
}

function sessionTests(open: Open): void {
  const token = { tokenHash: 't1', userId: anna.id, expiresAtMs: 9_000 };

  test('gives a refresh token out once, to one of many who ask at the same time', async () => {
    const { store } = await open();
    await store.create(anna, registered);
    await store.saveRefreshToken(token);
    const taken = await Promise.all(Array.from({ length: 10 }, () => store.takeRefreshToken('t1')));
    expect(taken.filter((found) => found !== undefined)).toEqual([token]);
  });

  test('ends all sessions of one user', async () => {
    const { store } = await open();
    await store.create(anna, registered);
    await store.create(ben, registered);
    const other = { tokenHash: 't3', userId: ben.id, expiresAtMs: 9_000 };
    for (const each of [token, { ...token, tokenHash: 't2' }, other]) {
      await store.saveRefreshToken(each);
    }
    await store.deleteRefreshTokens(anna.id);
    expect(await store.takeRefreshToken('t1')).toBeUndefined();
    expect(await store.takeRefreshToken('t2')).toBeUndefined();
    expect(await store.takeRefreshToken('t3')).toEqual(other);
  });
}

function outboxTests(open: Open): void {
  test('tells of users in its outbox, oldest first, until it is told to forget', async () => {
    const { store, reopen } = await open();
    await store.create(anna, registered);
    await store.create(ben, registered);
    await store.delete(anna.id, deleted);
    const [first, second] = await store.outbox(2);
    expect(first).toMatchObject({ userId: anna.id, event: registered });
    expect(second).toMatchObject({ userId: ben.id, event: registered });
    await store.forget(second?.id ?? 0);
    const reopened = (await reopen()).store;
    expect(await reopened.outbox(10)).toEqual([
      { id: expect.any(Number), userId: anna.id, event: deleted },
    ]);
  });

  test('never uses a number of its outbox again', async () => {
    const { store } = await open();
    await store.create(anna, registered);
    const [first] = await store.outbox(1);
    await store.forget(first?.id ?? 0);
    await store.create(ben, registered);
    const [second] = await store.outbox(1);
    expect(second?.id).toBeGreaterThan(first?.id ?? 0);
  });

  test('says nothing of the deletion of nobody', async () => {
    const { store } = await open();
    await store.delete(nobody, deleted);
    expect(await store.outbox(10)).toEqual([]);
  });

  test('calls who listens for what is written to its outbox', async () => {
    const { store } = await open();
    let calls = 0;
    const stop = store.onOutbox(() => {
      calls += 1;
    });
    await store.create(anna, registered);
    await store.rename(anna.id, 'Anna B.');
    await store.delete(anna.id, deleted);
    stop();
    await store.create(ben, registered);
    expect(calls).toBe(2);
  });
}
