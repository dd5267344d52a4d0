/** Documents by key: a hash of JSON, and the keys in their order beside it, for pages. */
import { decodeCursor, pageOf } from '../views/cursor.ts';
import type { Entries } from '../views/shop-views.ts';
import { type Page, type PageRequest, ViewError, type ViewWriter } from '../views/view.ts';
import type { RedisView, Rows } from './redis-view.ts';
import { readScript } from './view-scripts.ts';

const entriesChunk = 1_000;

const getScript = readScript(`
return {'ok', redis.call('HGET', k(ARGV[3]), ARGV[4])}
`);

/** ARGV: table, key to begin after, how many at most. */
const pageScript = readScript(`
local keys = redis.call('ZRANGE', k(ARGV[3] .. ':keys'), '(' .. ARGV[4], '+', 'BYLEX', 'LIMIT', 0, ARGV[5])
if #keys == 0 then return {'ok', gen, keys, keys} end
return {'ok', gen, keys, redis.call('HMGET', k(ARGV[3]), unpack(keys))}
`);

/** The keys of a table in Redis, for dropping it. */
export function documentKeys(table: string): string[] {
  return [table, `${table}:keys`];
}

export interface DocumentsOptions {
  readonly view: RedisView;
  /** In keys. */
  readonly table: string;
  /** Names the writer. */
  readonly writer: string;
}

export interface Documents<K extends string, V> {
  readonly get: (key: K) => Promise<V | undefined>;
  readonly page: (request: PageRequest, keyOf: (value: V) => K) => Promise<Page<V>>;
  readonly entries: Entries<K, V>;
  /** Of a copy; of what is live without. */
  readonly writer: (copy?: string) => ViewWriter<K, V>;
}

export function documents<K extends string, V>(options: DocumentsOptions): Documents<K, V> {
  const { view, table, writer } = options;
  const rows = documentRows<K, V>(table);
  const pageAfter = async (after: string, limit: number) => {
    const reply = await view.read(pageScript, writer, [table, after, limit]);
    const [generation, keys, values] = reply as [string, readonly K[], readonly string[]];
    return { generation, keys, values: values.map((value) => JSON.parse(value) as V) };
  };
  return {
    get: async (key) => {
      const [found] = await view.read(getScript, writer, [table, key]);
      return found === null ? undefined : (JSON.parse(found as string) as V);
    },
    page: async ({ cursor, limit }, keyOf) => {
      const [after] = cursor === undefined ? [''] : decodeCursor(cursor, ['string']);
      const { values } = await pageAfter(after, limit + 1);
      return pageOf(values, limit, (last) => [keyOf(last)]);
    },
    entries: () =>
      inChunks(table, async (after) => {
        const { generation, keys, values } = await pageAfter(after, entriesChunk);
        const entries = values.map((value, index) => [keys[index] as K, value] as const);
        return { generation, entries, last: keys.at(-1) };
      }),
    writer: (copy) => view.writer<K, V>({ name: writer, rows, copy }),
  };
}

function documentRows<K, V>(table: string): Rows<K, V> {
  return {
    width: 1,
    lua: `
local rows, index = k('${table}'), k('${table}:keys')
local function put(key, at)
  if redis.call('HSET', rows, key, ARGV[at]) == 1 then redis.call('ZADD', index, 0, key) end
end
local function delete(key)
  if redis.call('HDEL', rows, key) == 1 then redis.call('ZREM', index, key) end
end`,
    argumentsOf: (value) => [JSON.stringify(value)],
  };
}

export interface EntriesChunk<E> {
  readonly generation: string;
  readonly entries: readonly E[];
  /** Where the next begins; `undefined` at the end. */
  readonly last: string | undefined;
}

/**
 * Every entry, chunk by chunk.
 *
 * @throws ViewError `VIEW_UNAVAILABLE` when the view was built anew meanwhile: what was read before
 * is of another one.
 */
export async function* inChunks<E>(
  what: string,
  next: (after: string) => Promise<EntriesChunk<E>>,
): AsyncGenerator<E> {
  let after = '';
  let begun: string | undefined;
  for (;;) {
    const { generation, entries, last } = await next(after);
    begun ??= generation;
    if (generation !== begun) {
      throw new ViewError('VIEW_UNAVAILABLE', `'${what}' was built anew while it was read`);
    }
    yield* entries;
    if (last === undefined) return;
    after = last;
  }
}
