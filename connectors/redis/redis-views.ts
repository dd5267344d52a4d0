/**
 * The views of the shop that are kept in Redis: serviceability and live counts. All of them can be
 * made again from the log; Redis may lose its last second, or everything.
 */
import type { Redis } from 'ioredis';
import type { ShopViews } from '../views/shop-views.ts';
import { ViewError } from '../views/view.ts';
import { type RedisAnalytics, redisAnalytics } from './analytics-view.ts';
import { bareError, connectRedis, type RedisOptions, unavailable } from './redis-connection.ts';
import { RedisScript } from './redis-script.ts';
import { metaKey, otherFormat, RedisView } from './redis-view.ts';
import { type RedisServiceability, redisServiceability } from './serviceability-view.ts';
import { formatVersion } from './view-scripts.ts';

const viewNames = ['serviceability', 'analytics'] as const;

export interface RedisViews extends Pick<ShopViews, 'serviceability' | 'analytics'> {
  readonly serviceability: RedisServiceability;
  readonly analytics: RedisAnalytics;
  close(): Promise<void>;
}

/**
 * Opens the views; several processes may. What is under way at a close fails.
 *
 * An empty Redis is as good as a migrated one, since it can be emptied at any moment.
 *
 * @throws ViewError `VIEW_UNAVAILABLE` when there is no Redis, or one with views of another format,
 * which `millrace migrate` brings up to date.
 */
export async function openRedisViews(options: RedisOptions): Promise<RedisViews> {
  const { namespace } = requireNamespace(options);
  const reads = await connectRedis(options, 'reads');
  const writes = await orClose(reads, () => connectRedis(options, 'writes'));
  const close = async () => {
    reads.disconnect();
    writes.disconnect();
  };
  try {
    for (const name of viewNames) await requireFormat(reads, namespace, name);
  } catch (error) {
    await close();
    throw unavailable('Redis', error);
  }
  const view = (name: (typeof viewNames)[number]) =>
    new RedisView({ reads, writes, namespace, name });
  return {
    serviceability: redisServiceability(view('serviceability')),
    analytics: redisAnalytics(view('analytics')),
    close,
  };
}

/**
 * Brings the views to this program's format. Rows of an older one are dropped, and made again from
 * the log by the sinks. Safe to run twice, by several processes at once, and again after it was killed.
 *
 * @throws ViewError `VIEW_UNAVAILABLE` when there is no Redis, or a view has a newer format.
 */
export async function migrateRedis(options: RedisOptions): Promise<void> {
  const { namespace } = requireNamespace(options);
  const client = await connectRedis(options, 'writes');
  try {
    for (const name of viewNames) await migrateView(client, namespace, name);
  } catch (error) {
    if (error instanceof ViewError) throw error;
    throw new ViewError('VIEW_UNAVAILABLE', `cannot migrate Redis: ${bareError(error).message}`);
  } finally {
    client.disconnect();
  }
}

/**
 * Takes what an older format has out of use, in one step; what is left is only memory. Its names are
 * noted until they are removed. ARGV: format. Answers 'newer', or the generations to remove.
 */
const retireScript = new RedisScript(`
local held = redis.call('HMGET', KEYS[1], 'format', 'live', 'copy')
if held[1] and tonumber(held[1]) > tonumber(ARGV[1]) then return {'newer', held[1]} end
if held[1] and tonumber(held[1]) < tonumber(ARGV[1]) then
  for i = 2, 3 do if held[i] then redis.call('SADD', KEYS[2], held[i]) end end
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'format', ARGV[1])
end
return {'ok', unpack(redis.call('SMEMBERS', KEYS[2]))}
`);

async function migrateView(client: Redis, namespace: string, view: string): Promise<void> {
  const meta = metaKey(namespace, view);
  const tag = meta.slice(0, -'meta'.length);
  const retired = `${tag}retired`;
  const reply = await retireScript.run(client, [meta, retired], [formatVersion]);
  const [answer, ...rest] = reply as string[];
  if (answer === 'newer') throw new ViewError('VIEW_UNAVAILABLE', otherFormat(view, rest[0]));
  for (const generation of rest) {
    await removeKeys(client, `${tag}${generation}:*`);
    await client.srem(retired, generation);
  }
}

async function removeKeys(client: Redis, pattern: string): Promise<void> {
  for (let cursor = '0'; ; ) {
    const [next, keys] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000);
    if (keys.length > 0) await client.unlink(...keys);
    if (next === '0') return;
    cursor = next;
  }
}

async function requireFormat(client: Redis, namespace: string, view: string): Promise<void> {
  const format = await client.hget(metaKey(namespace, view), 'format');
  if (format === null || format === `${formatVersion}`) return;
  throw new ViewError('VIEW_UNAVAILABLE', otherFormat(view, format));
}

/** What is not plain would mean something in a key or in a pattern. */
function requireNamespace(options: RedisOptions): RedisOptions {
  if (/^[A-Za-z0-9._-]{1,100}$/.test(options.namespace)) return options;
  throw new Error(`'${options.namespace}' is no namespace: use letters, digits, '.', '_' and '-'`);
}

async function orClose<T>(client: Redis, next: () => Promise<T>): Promise<T> {
  try {
    return await next();
  } catch (error) {
    client.disconnect();
    throw error;
  }
}
