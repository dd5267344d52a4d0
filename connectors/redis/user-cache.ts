/**
 * Users in front of their store: who somebody is, for as long as nobody has changed it, and never for
 * longer than 0.9 s. What is kept is the profile; password hashes never leave the store.
 *
 * Who misses takes a lease before it asks the store, and may put in what it was told only while that
 * lease stands. A change takes away value and lease, so what was read before it is not put in after
 * it. A value lives for what was left of its lease: it is never older than 0.9 s by Redis's clock,
 * also when a change could not be told, a process died between a change and the telling of it, or Redis came
 * back with what it had before.
 */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { UserEvent, UserId } from '#schemas/users';
import { SinkError } from '../sink-error.ts';
import type { OpenUsersStore, User, UserProfile, UserProfiles } from '../views/users-store.ts';
import type { ChangeBatch, Position, ViewWriter } from '../views/view.ts';
import { bareError, connectRedis, type RedisOptions } from './redis-connection.ts';
import { Patience } from './redis-patience.ts';
import { RedisScript } from './redis-script.ts';

export interface CachedUsers {
  readonly profiles: UserProfiles;
  /** The store itself; its changes are told to the cache before they return. */
  readonly store: OpenUsersStore;
}

export interface RedisUserCache {
  over(inner: OpenUsersStore): CachedUsers;
  /** Fed by `users.events`: takes out whoever changed elsewhere. */
  readonly writer: ViewWriter<UserId, UserEvent>;
  close(): Promise<void>;
}

/** Below a second, which is what is promised. */
const lifeMs = 900;
/** A pause after a change that could not be told is longer than anything lives. */
const patience = { patienceMs: 500, pauseMs: 1_000 };

/** KEYS: value, lease. ARGV: a new lease, its life. The value, or that the lease is ours now. */
const lookUpScript = new RedisScript(`
local value = redis.call('GET', KEYS[1])
if value then return value end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return false
`);

/** KEYS: value, lease. ARGV: our lease, the value. */
const putScript = new RedisScript(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local left = redis.call('PTTL', KEYS[2])
redis.call('DEL', KEYS[2])
if left > 0 then redis.call('SET', KEYS[1], ARGV[2], 'PX', left) end
return 1
`);

/** KEYS: positions, then values and leases to take out. ARGV: partition, position, partition, … */
const applyScript = new RedisScript(`
for i = 2, #KEYS do redis.call('DEL', KEYS[i]) end
for i = 1, #ARGV, 2 do
  local held = redis.call('HGET', KEYS[1], ARGV[i])
  if not held or tonumber(held) < tonumber(ARGV[i+1]) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i+1])
  end
end
return 1
`);

/** @throws ViewError `VIEW_UNAVAILABLE` when there is no Redis at the start. */
export async function openRedisUserCache(options: RedisOptions): Promise<RedisUserCache> {
  const reads = await connectRedis(options, 'reads');
  const writes = await connectRedis(options, 'writes').catch((error: unknown) => {
    reads.disconnect();
    throw error;
  });
  const cache = new Cache(reads, `{${options.namespace}.users}:`);
  return {
    over: (inner) => ({ profiles: profilesOver(inner, cache), store: tellingStore(inner, cache) }),
    writer: invalidations(writes, `{${options.namespace}.users}:`),
    close: async () => {
      reads.disconnect();
      writes.disconnect();
    },
  };
}

function profilesOver(inner: OpenUsersStore, cache: Cache): UserProfiles {
  const get = (id: UserId): Promise<UserProfile | undefined> =>
    cache.readThrough(idKey(id), async () => profileOf(await inner.get(id)));
  return {
    get,
    byEmail: async (email) => {
      let found: UserProfile | undefined;
      // An address leads to an id and no further: the profile is one that is held under its id.
      const id = await cache.readThrough(`email:${email}`, async () => {
        found = profileOf(await inner.byEmail(email));
        return found?.id;
      });
      if (id === undefined || found !== undefined) return found;
      const held = await get(id);
      return held?.email === email ? held : profileOf(await inner.byEmail(email));
    },
  };
}

/** Told whether the change succeeded or not: one that failed may have been made. */
function tellingStore(inner: OpenUsersStore, cache: Cache): OpenUsersStore {
  const telling = async <T>(id: UserId, change: () => Promise<T>): Promise<T> => {
    try {
      return await change();
    } finally {
      await cache.takeOut(idKey(id));
    }
  };
  return {
    create: (user, event) => telling(user.id, () => inner.create(user, event)),
    get: (id) => inner.get(id),
    byEmail: (email) => inner.byEmail(email),
    rename: (id, name) => telling(id, () => inner.rename(id, name)),
    setRoles: (id, roles) => telling(id, () => inner.setRoles(id, roles)),
    delete: (id, event) => telling(id, () => inner.delete(id, event)),
    addresses: (id) => inner.addresses(id),
    putAddress: (id, address) => inner.putAddress(id, address),
    deleteAddress: (id, addressId) => inner.deleteAddress(id, addressId),
    saveRefreshToken: (token) => inner.saveRefreshToken(token),
    takeRefreshToken: (tokenHash) => inner.takeRefreshToken(tokenHash),
    deleteRefreshTokens: (id) => inner.deleteRefreshTokens(id),
    outbox: (limit) => inner.outbox(limit),
    forget: (upToId) => inner.forget(upToId),
    onOutbox: (listener) => inner.onOutbox(listener),
    deleteExpiredTokens: (nowMs) => inner.deleteExpiredTokens(nowMs),
    close: () => inner.close(),
  };
}

/** The connections of one process to what all processes share. */
class Cache {
  readonly #client: Redis;
  readonly #prefix: string;
  readonly #patience = new Patience(patience);

  constructor(client: Redis, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  /** What is absent is not kept: who signs up is looked for a moment before. */
  async readThrough<T extends string | object>(
    key: string,
    read: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const keys = this.#keysOf(key);
    const lease = randomBytes(12).toString('base64url');
    const answer = await this.#patience.ask(() =>
      lookUpScript.run(this.#client, keys, [lease, lifeMs]),
    );
    if (typeof answer === 'string') return JSON.parse(answer) as T;
    const value = await read();
    if (answer === null && value !== undefined) {
      const json = JSON.stringify(value);
      await this.#patience.ask(() => putScript.run(this.#client, keys, [lease, json]));
    }
    return value;
  }

  /** When it cannot be told, this process asks the store until nothing can be left in the cache. */
  async takeOut(key: string): Promise<void> {
    await this.#patience.insist(() => this.#client.del(...this.#keysOf(key)));
  }

  #keysOf(key: string): [string, string] {
    return valueAndLease(this.#prefix, key);
  }
}

/** A batch that was missed does no harm, since nothing lives for a second: no gap is refused. */
function invalidations(client: Redis, prefix: string): ViewWriter<UserId, UserEvent> {
  const name = 'user-cache';
  const positionsKey = `${prefix}positions`;
  const failing = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const cause = bareError(error);
      const message = `view '${name}' cannot ${what}: ${cause.message}`;
      throw new SinkError('SINK_UNAVAILABLE', message, cause);
    }
  };
  return {
    name,
    preferredChanges: 500,
    positions: () =>
      failing('tell its positions', async () => {
        const held = Object.entries(await client.hgetall(positionsKey));
        return held.map(([field, next]): Position => {
          const [topic = '', partition] = field.split('|');
          return { topic, partition: Number(partition), nextOffset: BigInt(next) };
        });
      }),
    apply: async (batches: readonly ChangeBatch<UserId, UserEvent>[]) => {
      const ids = new Set(batches.flatMap(({ changes }) => changes.map(({ key }) => key)));
      const keys = [...ids].flatMap((id) => valueAndLease(prefix, idKey(id)));
      const positions = batches.flatMap(({ topic, partition, nextOffset }) => [
        `${topic}|${partition}`,
        `${nextOffset}`,
      ]);
      await failing('take out users', () =>
        applyScript.run(client, [positionsKey, ...keys], positions),
      );
    },
  };
}

function idKey(id: UserId): string {
  return `id:${id}`;
}

function valueAndLease(prefix: string, key: string): [string, string] {
  return [`${prefix}value:${key}`, `${prefix}lease:${key}`];
}

function profileOf(user: User | undefined): UserProfile | undefined {
  if (user === undefined) return undefined;
  const { passwordHash: _secret, ...profile } = user;
  return profile;
}
