/**
 * Routes by pincode. Thousands of pincodes share one list of routes, so a list is kept once, under
 * the digest of its content, for as long as a pincode has it; and parsed once in this process, where
 * it can never be stale. A digest begins with `1` when its list reaches somebody.
 */
import { createHash } from 'node:crypto';
import type { Pincode, PincodeRoutes, Route } from '#schemas/serviceability';
import { BoundedCache } from '../bounded-cache.ts';
import type { Entries } from '../views/shop-views.ts';
import { inChunks } from './document-rows.ts';
import type { ScriptArgument } from './redis-script.ts';
import type { RedisView, Rows } from './redis-view.ts';
import { readScript } from './view-scripts.ts';

const cachedLists = 2_000;
const cachedPincodes = 20_000;
/** Each may bring a list of its own, of kilobytes. */
const entriesChunk = 500;

export const routesWriterName = 'serviceability.routes';
export const routesKeys = ['routes', 'routes:keys', 'route-lists', 'route-uses', 'route-counts'];

/** A change is the digest of a list; behind the batches come the lists, each once. */
export function routesRows(): Rows<Pincode, PincodeRoutes> {
  let lists = new Map<string, string>();
  return {
    width: 1,
    begin: `
local lists = {}
for i = at + 1, at + 2 * tonumber(ARGV[at]), 2 do lists[ARGV[i]] = ARGV[i+1] end`,
    lua: `
local routes, index, kept, uses = k('routes'), k('routes:keys'), k('route-lists'), k('route-uses')
local reachable = 0
local function released(digest)
  if string.sub(digest, 1, 1) == '1' then reachable = reachable - 1 end
  if redis.call('HINCRBY', uses, digest, -1) > 0 then return end
  redis.call('HDEL', uses, digest)
  redis.call('HDEL', kept, digest)
end
local function put(key, at)
  local digest, before = ARGV[at], redis.call('HGET', routes, key)
  if before == digest then return end
  redis.call('HSET', routes, key, digest)
  if string.sub(digest, 1, 1) == '1' then reachable = reachable + 1 end
  if redis.call('HINCRBY', uses, digest, 1) == 1 then redis.call('HSET', kept, digest, lists[digest]) end
  if before then released(before) else redis.call('ZADD', index, 0, key) end
end
local function delete(key)
  local before = redis.call('HGET', routes, key)
  if not before then return end
  redis.call('HDEL', routes, key)
  redis.call('ZREM', index, key)
  released(before)
end`,
    finish: `
if reachable ~= 0 then redis.call('HINCRBY', k('route-counts'), 'reachable', reachable) end`,
    argumentsOf: ({ routes }) => {
      const json = JSON.stringify(routes);
      const hash = createHash('sha256').update(json).digest('base64url');
      const digest = `${routes.length > 0 ? 1 : 0}${hash}`;
      lists.set(digest, json);
      return [digest];
    },
    trailer: () => {
      const trailer: ScriptArgument[] = [lists.size];
      for (const [digest, json] of lists) trailer.push(digest, json);
      lists = new Map();
      return trailer;
    },
  };
}

/** ARGV: pincode, the digest that we hold for it or '', the version of the rules that we hold or ''. */
const lookUpScript = readScript(`
local digest, list, version, rules = redis.call('HGET', k('routes'), ARGV[3]), false, false, {}
if digest and digest ~= ARGV[4] then list = redis.call('HGET', k('route-lists'), digest) end
local writer = 'serviceability.dispatch-rules'
local state = redis.call('HMGET', k('state'), 'r|' .. writer, 'v|' .. writer)
if state[1] then
  version = gen .. ':' .. (state[2] or '')
  if version ~= ARGV[5] then rules = redis.call('HGETALL', k('dispatch-rules')) end
end
return {'ok', digest, list, version, rules}
`);

const reachableScript = readScript(`
return {'ok', redis.call('HGET', k('route-counts'), 'reachable')}
`);

/** ARGV: pincode to begin after, how many at most. Answers pincodes, digests, and each list once. */
const chunkScript = readScript(`
local keys = redis.call('ZRANGE', k('routes:keys'), '(' .. ARGV[3], '+', 'BYLEX', 'LIMIT', 0, ARGV[4])
if #keys == 0 then return {'ok', gen, keys, keys, keys} end
local digests, asked, lists = redis.call('HMGET', k('routes'), unpack(keys)), {}, {}
for _, digest in ipairs(digests) do
  if not asked[digest] then
    asked[digest] = true
    lists[#lists+1] = digest
    lists[#lists+1] = redis.call('HGET', k('route-lists'), digest)
  end
end
return {'ok', gen, keys, digests, lists}
`);

/** Dispatch rules that came along with routes. */
export interface RulesAlong {
  readonly version: string | null;
  /** Key, JSON, key, JSON…; empty when the version is the one that we hold. */
  readonly flat: readonly string[];
}

export interface RoutesReader {
  /** The rules' version that the process holds goes in, newer rules come out: one round trip for both. */
  routes(
    pincode: Pincode,
    rulesVersion: string,
  ): Promise<{ readonly routes: PincodeRoutes | undefined; readonly rules: RulesAlong }>;
  reachableCount(): Promise<number>;
  readonly entries: Entries<Pincode, PincodeRoutes>;
}

export function routesReader(view: RedisView): RoutesReader {
  const lists = new BoundedCache<string, readonly Route[]>(cachedLists);
  const digests = new BoundedCache<Pincode, string>(cachedPincodes);
  const read = (script: ReturnType<typeof readScript>, args: readonly ScriptArgument[]) =>
    view.read(script, routesWriterName, args);
  const parsed = (digest: string, json: string | null) =>
    lists.get(digest, () => (json === null ? undefined : (JSON.parse(json) as Route[])));

  return {
    routes: async (pincode, rulesVersion) => {
      const known = digests.get(pincode, () => undefined);
      const held = known === undefined ? undefined : parsed(known, null);
      const args = [pincode, held === undefined ? '' : (known as string), rulesVersion];
      const reply = await read(lookUpScript, args);
      const [digest, list, version, flat] = reply as LookUpReply;
      const rules = { version, flat };
      if (digest === null) {
        digests.delete(pincode);
        return { routes: undefined, rules };
      }
      const routes = digest === known && held !== undefined ? held : parsed(digest, list);
      digests.delete(pincode);
      digests.get(pincode, () => digest);
      return { routes: { pincode, routes: routes ?? [] }, rules };
    },
    reachableCount: async () => Number((await read(reachableScript, []))[0] ?? 0),
    entries: () =>
      inChunks('routes', async (after) => {
        const reply = await read(chunkScript, [after, entriesChunk]);
        const [generation, pincodes, digestsOf, flat] = reply as ChunkReply;
        const found = new Map<string, readonly Route[]>();
        for (let index = 0; index < flat.length; index += 2) {
          found.set(flat[index] as string, JSON.parse(flat[index + 1] as string) as Route[]);
        }
        const entries = pincodes.map((pincode, index) => {
          const routes = found.get(digestsOf[index] as string) ?? [];
          return [pincode, { pincode, routes }] as const;
        });
        return { generation, entries, last: pincodes.at(-1) };
      }),
  };
}

type LookUpReply = [
  digest: string | null,
  list: string | null,
  version: string | null,
  rules: readonly string[],
];

type ChunkReply = [
  generation: string,
  pincodes: readonly Pincode[],
  digests: readonly string[],
  lists: readonly string[],
];
