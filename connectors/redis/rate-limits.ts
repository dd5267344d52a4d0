/**
 * Limits that all processes count together, as a store of `@fastify/rate-limit`: one window in Redis
 * for each caller, counted by a script, so that no two requests are taken for one.
 *
 * While Redis is away each process counts by itself, in memory. A limit is a guard, not a promise: it
 * is better to let a caller have a little more than to let nobody in.
 */
import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { Redis } from 'ioredis';
import { connectRedis, type RedisOptions } from './redis-connection.ts';
import { Patience } from './redis-patience.ts';
import { RedisScript } from './redis-script.ts';

export interface RedisRateLimits {
  /** For `store` in the options of `@fastify/rate-limit`, of the plugin or of a route. */
  readonly store: FastifyRateLimitStoreCtor;
  close(): Promise<void>;
}

/** A window begins with its first request and ends by itself. ARGV: its length in milliseconds. */
const countScript = new RedisScript(`
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}
`);

/** A request that has waited for this is counted here, as are all until Redis is asked again. */
const patience = { patienceMs: 500, pauseMs: 1_000 };
/** As many callers as the plugin's own memory has by default. */
const ownWindows = 5_000;

interface Counted {
  readonly current: number;
  /** Milliseconds until the window ends. */
  readonly ttl: number;
}

/** @throws ViewError `VIEW_UNAVAILABLE` when there is no Redis at the start. */
export async function openRedisRateLimits(options: RedisOptions): Promise<RedisRateLimits> {
  const client = await connectRedis(options, 'reads');
  const windows = new SharedWindows(client, `${options.namespace}.rate-limits:`);

  class Store implements FastifyRateLimitStore {
    readonly #group: string;

    constructor(_options: unknown, group = '') {
      this.#group = group;
    }

    incr(
      key: string,
      callback: (error: Error | null, result?: Counted) => void,
      timeWindow: number,
    ): void {
      void windows
        .count(`${this.#group}${key}`, timeWindow)
        .then((counted) => callback(null, counted));
    }

    /** Each route has windows of its own. */
    child(route: object): Store {
      const { routeInfo } = route as { routeInfo?: { method: string | string[]; url: string } };
      const { method = '', url = '' } = routeInfo ?? {};
      return new Store({}, `${[method].flat().join()} ${url} `);
    }
  }
  return {
    store: Store as unknown as FastifyRateLimitStoreCtor,
    close: async () => client.disconnect(),
  };
}

class SharedWindows {
  readonly #client: Redis;
  readonly #prefix: string;
  readonly #own = new OwnWindows();
  readonly #patience = new Patience(patience);

  constructor(client: Redis, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  /** Never rejects. */
  async count(key: string, windowMs: number): Promise<Counted> {
    // Counted here too, so that a caller who is over the limit stays so when Redis goes away.
    const own = this.#own.count(key, windowMs);
    const reply = await this.#patience.ask(() =>
      countScript.run(this.#client, [`${this.#prefix}${key}`], [windowMs]),
    );
    if (reply === undefined) return own;
    const [current, ttl] = reply as [number, number];
    return { current, ttl };
  }
}

class OwnWindows {
  readonly #windows = new Map<string, { count: number; readonly endMs: number }>();

  count(key: string, windowMs: number): Counted {
    const nowMs = performance.now();
    const held = this.#windows.get(key);
    const window = held && held.endMs > nowMs ? held : { count: 0, endMs: nowMs + windowMs };
    window.count += 1;
    this.#windows.delete(key); // A Map keeps the order of insertion.
    this.#windows.set(key, window);
    if (this.#windows.size > ownWindows) {
      for (const oldest of this.#windows.keys()) {
        this.#windows.delete(oldest);
        break;
      }
    }
    return { current: window.count, ttl: Math.ceil(window.endMs - nowMs) };
  }
}
