import { Redis } from 'ioredis';
import type { UserEvent, UserId } from '#schemas/users';
import { type RedisServer, startRedis } from '../../test/servers/redis/start-redis.ts';
import { openTcpProxy } from '../../test/servers/tcp-proxy.ts';
import type { OpenUsersStore, User } from '../views/users-store.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { type CachedUsers, openRedisUserCache, type RedisUserCache } from './user-cache.ts';

let redis: RedisServer;
let admin: Redis;
beforeAll(async () => {
  redis = await startRedis();
  admin = new Redis(redis.url);
  admin.on('error', () => {});
});
afterAll(async () => {
  admin.disconnect();
  await redis.stop();
});

const opened: RedisUserCache[] = [];
afterEach(async () => {
  for (const cache of opened.splice(0)) await cache.close();
});

async function open(namespace: string, url = redis.url): Promise<RedisUserCache> {
  const cache = await openRedisUserCache({ url, namespace });
  opened.push(cache);
  return cache;
}

const anna: User = {
  id: 'anna' as UserId,
  email: 'anna@example.com',
  name: '0',
  roles: ['shopper'],
  passwordHash: 'scrypt$secret',
  createdAtMs: 1_000,
};
const { passwordHash: _hash, ...profile } = anna;
const deleted: UserEvent = { type: 'UserDeleted', at: 1 };

/** A store that takes its time, a little longer now and then; and notes when each name was set. */
class SlowStore {
  readonly users = new Map<UserId, User>([[anna.id, anna]]);
  readonly setAtMs: number[] = [performance.now()];
  reads = 0;

  readonly store = {
    get: async (id: UserId) => {
      this.reads += 1;
      const found = this.users.get(id);
      await pause(Math.random() * 8); // After it was looked up: the answer is old when it comes.
      return found;
    },
    byEmail: async (email: string) => {
      this.reads += 1;
      return [...this.users.values()].find((user) => user.email === email);
    },
    rename: async (id: UserId, name: string) => {
      await pause(Math.random() * 4);
      const user = this.users.get(id);
      if (user) this.users.set(id, { ...user, name });
      this.setAtMs[Number(name)] = performance.now();
    },
    delete: async (id: UserId) => void this.users.delete(id),
  } as unknown as OpenUsersStore;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('answers who is known without asking the store, and keeps no password hash', async () => {
  const inner = new SlowStore();
  const { profiles, store } = (await open('known')).over(inner.store);
  expect(await profiles.get(anna.id)).toEqual(profile);
  expect(await profiles.byEmail(anna.email)).toEqual(profile);
  expect(await profiles.get('nobody' as UserId)).toBeUndefined();
  expect(await store.byEmail(anna.email)).toEqual(anna);
  const kept = await Promise.all(
    (await admin.keys('{known.users}:value:*')).map((key) => admin.get(key)),
  );
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.join()).not.toContain('scrypt');
});

test('shows a change that was made through any process to all of them at once', async () => {
  const inner = new SlowStore();
  const all = await Promise.all([1, 2, 3].map(async () => (await open('hard')).over(inner.store)));
  let acknowledged = 0;
  let isDone = false;
  const reading = all.flatMap(({ profiles }) =>
    [1, 2, 3].map(async (which) => {
      while (!isDone) {
        const least = acknowledged;
        const found = await (which === 1 ? profiles.byEmail(anna.email) : profiles.get(anna.id));
        expect(Number(found?.name)).toBeGreaterThanOrEqual(least);
      }
    }),
  );
  for (let name = 1; name <= 150; name++) {
    await (all[name % 3] as CachedUsers).store.rename(anna.id, `${name}`);
    acknowledged = name;
  }
  isDone = true;
  await Promise.all(reading);
});

test('is never older than a second, whatever happens to Redis and to the news', async () => {
  const inner = new SlowStore();
  const proxy = await openTcpProxy(redis.port);
  const through = `redis://127.0.0.1:${proxy.port}`;
  const all = [
    (await open('chaos', through)).over(inner.store),
    (await open('chaos')).over(inner.store),
  ];
  let isDone = false;
  let reads = 0;
  const reading = all.flatMap(({ profiles }) =>
    [1, 2].map(async () => {
      while (!isDone) {
        await pause(1);
        const askedMs = performance.now();
        const found = await profiles.get(anna.id);
        reads += 1;
        // What it answers was replaced by the next name a second before it was asked, at the most.
        const replacedMs = inner.setAtMs[Number(found?.name) + 1] ?? Infinity;
        expect(replacedMs).toBeGreaterThan(askedMs - 1_000);
      }
    }),
  );
  let name = 0;
  const rename = (store: OpenUsersStore) => store.rename(anna.id, `${++name}`);
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 20; index++) await rename((all[index % 2] as CachedUsers).store);
    for (let index = 0; index < 20; index++) await rename(inner.store); // Nobody is told.
    await admin.flushall();
    proxy.hang();
    for (let index = 0; index < 5; index++) await rename((all[0] as CachedUsers).store);
    proxy.cut();
    proxy.goOn();
    await redis.kill();
    for (let index = 0; index < 5; index++) await rename((all[1] as CachedUsers).store);
    await redis.start();
    await rename(inner.store);
    await pause(1_200);
  }
  isDone = true;
  await Promise.all(reading);
  expect(reads).toBeGreaterThan(100);
  await proxy.close();
});

test('puts in nothing that was read before a change, however late it comes', async () => {
  const inner = new SlowStore();
  let readOn = () => {};
  let isReading = () => {};
  const begun = new Promise<void>((resolve) => {
    isReading = resolve;
  });
  const held = new Promise<void>((resolve) => {
    readOn = resolve;
  });
  const slow = {
    ...inner.store,
    get: async (id: UserId) => {
      const found = inner.users.get(id);
      isReading();
      await held;
      return found;
    },
  };
  const cache = await open('lease');
  const reading = cache.over(slow).profiles.get(anna.id);
  await begun;
  const other = (await open('lease')).over(inner.store);
  await other.store.rename(anna.id, '1');
  readOn();
  expect((await reading)?.name).toBe('0');
  expect(await admin.keys('{lease.users}:*')).toEqual([]);
  expect((await other.profiles.get(anna.id))?.name).toBe('1');
});

test('hears of users by the log, and says where to read on', async () => {
  const inner = new SlowStore();
  const cache = await open('log');
  const { profiles } = cache.over(inner.store);
  await profiles.get(anna.id);
  inner.users.delete(anna.id);
  await cache.writer.apply([batchOf(0, [[anna.id, deleted]])]);
  expect(await profiles.get(anna.id)).toBeUndefined();
  await cache.writer.apply([batchOf(0, [])]);
  expect(await cache.writer.positions()).toEqual([
    { topic: 'contract.state', partition: 0, nextOffset: 1n },
  ]);
});

test('lets the store answer while Redis hangs', async () => {
  const inner = new SlowStore();
  const proxy = await openTcpProxy(redis.port);
  const { profiles, store } = (await open('hangs', `redis://127.0.0.1:${proxy.port}`)).over(
    inner.store,
  );
  await profiles.get(anna.id);
  proxy.hang();
  await store.rename(anna.id, '1');
  expect((await profiles.get(anna.id))?.name).toBe('1');
  expect((await profiles.byEmail(anna.email))?.name).toBe('1');
  await proxy.close();
});
