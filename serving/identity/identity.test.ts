import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type TestShop, testShop } from '../testing/test-shop.ts';
import { ensureAdmin } from './ensure-admin.ts';
import { passwords } from './passwords.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop({ settings: { signInsPerMinute: 1_000 } });
});
afterAll(() => shop.app.close());

const post = (url: string, payload: object, headers = {}) =>
  shop.call({ method: 'POST', url, payload, headers });
const password = 'correct horse';

async function signUp(name: string) {
  const user = await post('/v1/users', { email: `${name}@example.org`, password, name });
  const session = await post('/v1/sessions', { email: `${name}@example.org`, password });
  const { accessToken, refreshToken } = session.json();
  const headers = { authorization: `Bearer ${accessToken}` };
  return { id: user.json().id as string, headers, refreshToken: refreshToken as string };
}

test('one e-mail address is one account, however it is written', async () => {
  await signUp('anna');
  const again = await post('/v1/users', { email: 'ANNA@Example.org', password, name: 'Anna' });
  expect(again.statusCode).toBe(409);
  expect(again.json().code).toBe('email-taken');
});

test('a wrong password and an unknown address are told apart by nobody', async () => {
  await signUp('bea');
  const wrong = await post('/v1/sessions', { email: 'bea@example.org', password: 'wrong one!' });
  const unknown = await post('/v1/sessions', { email: 'nobody@example.org', password });
  expect(wrong.statusCode).toBe(401);
  expect(unknown.json()).toEqual(wrong.json());
});

test('a refresh token works once', async () => {
  const { refreshToken } = await signUp('cara');
  const first = await post('/v1/sessions/refresh', { refreshToken });
  expect(first.statusCode).toBe(201);
  expect(first.json().refreshToken).not.toBe(refreshToken);
  const second = await post('/v1/sessions/refresh', { refreshToken });
  expect(second.json().code).toBe('invalid-refresh-token');
});

test('signing out ends every refresh token', async () => {
  const { headers, refreshToken } = await signUp('dora');
  await shop.call({ method: 'DELETE', url: '/v1/sessions', headers });
  const refreshed = await post('/v1/sessions/refresh', { refreshToken });
  expect(refreshed.statusCode).toBe(401);
});

test('roles that an administrator gives count from the next refresh', async () => {
  const { id, refreshToken } = await signUp('emma');
  const set = (headers: object) =>
    shop.call({
      method: 'PUT',
      url: `/v1/users/${id}/roles`,
      payload: { roles: ['operator', 'operator'] },
      headers: { ...headers },
    });
  expect((await set(shop.as('mallory', 'operator'))).statusCode).toBe(403);
  expect((await set(shop.as('ada', 'admin'))).json().roles).toEqual(['operator']);
  const refreshed = await post('/v1/sessions/refresh', { refreshToken });
  expect(refreshed.json().roles).toEqual(['operator']);
});

test('a deleted account is gone, and its token opens nothing of it', async () => {
  const { id, headers, refreshToken } = await signUp('fay');
  expect((await shop.call({ method: 'DELETE', url: '/v1/me', headers })).statusCode).toBe(204);
  expect((await shop.call({ url: '/v1/me', headers })).statusCode).toBe(401);
  expect((await post('/v1/sessions/refresh', { refreshToken })).statusCode).toBe(401);
  const told = await shop.dependencies.users.outbox(100);
  expect(told.filter(({ userId }) => userId === id).map(({ event }) => event.type)).toEqual([
    'UserRegistered',
    'UserDeleted',
  ]);
});

test('no answer holds a password or its hash', async () => {
  const { headers } = await signUp('gia');
  const me = await shop.call({ url: '/v1/me', headers });
  expect(Object.keys(me.json()).sort()).toEqual(['email', 'id', 'name', 'roles']);
});

test("one user does not see or delete another's address", async () => {
  const [hana, iris] = [await signUp('hana'), await signUp('iris')];
  const address = { name: 'H', lines: ['1'], city: 'Pune', pincode: '411001', phone: '123456' };
  const { id } = (await post('/v1/me/addresses', address, hana.headers)).json();
  const theirs = await shop.call({ url: '/v1/me/addresses', headers: iris.headers });
  expect(theirs.json()).toEqual({ addresses: [] });
  const url = `/v1/me/addresses/${id}`;
  const deleted = await shop.call({ method: 'DELETE', url, headers: iris.headers });
  expect(deleted.json().code).toBe('address-unknown');
});

test('the first administrator is made once, and keeps a changed password', async () => {
  const { users, clock, ids } = shop.dependencies;
  const hasher = passwords({ cost: 8 });
  const configured = { users, clock, ids, passwords: hasher, email: 'Root@example.org', password };
  expect(await ensureAdmin(configured)).toBe(true);
  expect(await ensureAdmin({ ...configured, password: 'another password' })).toBe(false);
  const session = await post('/v1/sessions', { email: 'root@example.org', password });
  expect(session.json().roles).toEqual(['admin']);
});

test('sign-ups that come together are hashed two at a time, and too many are turned away', async () => {
  const hasher = passwords({ cost: 4 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 300 }, (_, index) => hasher.hash(`password ${index}`)),
  );
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(300 - 202);
  expect(refused[0]).toMatchObject({ reason: { code: 'too-busy' } });
  expect((await hasher.hash('afterwards')).startsWith('scrypt$4$')).toBe(true);
});
