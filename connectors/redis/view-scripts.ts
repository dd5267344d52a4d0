/**
 * The Lua of every view. All keys of a view begin with one hash tag, `{<namespace>.<view>}:`, so that
 * they are in one slot and one script can move rows and positions together:
 *
 *   meta                 format, and which generation is live and which is a copy that is being made
 *   <generation>:state   `p|<writer>|<topic>|<partition>`: where to read on;
 *                        `r|<writer>`: its rows are complete, readers may have them;
 *                        `v|<writer>`: another chance name each time that its rows change
 *   <generation>:…       the rows, as each kind of them lays them out
 *
 * A generation's name is chance, so one that comes after a FLUSHALL is never taken for the one before.
 */
import { RedisScript } from './redis-script.ts';

/** Raised when the same keys mean something else than before. */
export const formatVersion = 1;

/** How the rows of one kind are written. Lua sees `gen`, `k(name)` and what the kind's own code defines. */
export interface RowsScript {
  /** How many arguments a change has beside offset and key; the first is empty in a tombstone. */
  readonly width: number;
  /** Defines `put(key, at)` and `delete(key)`; the change's arguments begin at `ARGV[at]`. */
  readonly lua: string;
  /** Defines `finish()`, after the last change; what follows the batches begins at `ARGV[at]`. */
  readonly begin?: string;
  readonly finish?: string;
}

const names = `
local meta = KEYS[1]
local base = string.sub(meta, 1, -5)
local gen
local function k(name) return base .. gen .. ':' .. name end
`;

/**
 * Applies batches and positions. A change below its position is in already: since both move in one
 * step, that alone keeps an older change from winning and a deleted key from coming back.
 *
 * A partition without a position takes a batch only from somebody who has read on from this very
 * generation, or who knows of none, or from offset 0, before which there is nothing: somebody who
 * stood in a generation that is gone would leave a hole.
 *
 * ARGV: format, writer, copy or '', generation that the writer has seen or '', a new name by chance,
 * whether the rows are complete now, how many batches; then of each batch: topic, partition, from,
 * next, how many changes; of each change: offset, key, its arguments.
 */
export function applyScript({ width, lua, begin = '', finish = '' }: RowsScript): RedisScript {
  return new RedisScript(`${names}
local writer, copy, seen = ARGV[2], ARGV[3], ARGV[4]
local held = redis.call('HMGET', meta, 'format', 'live', 'copy')
if held[1] and held[1] ~= ARGV[1] then return {'format', held[1]} end
gen = held[2]
if copy ~= '' then
  if held[3] ~= copy then return {'copy-gone'} end
  gen = copy
end
local moved, starts, at = {}, {}, 8
for b = 1, tonumber(ARGV[7]) do
  local topic, partition, from, next, count = ARGV[at], ARGV[at+1], ARGV[at+2], ARGV[at+3], ARGV[at+4]
  local field = 'p|' .. writer .. '|' .. topic .. '|' .. partition
  local position = moved[field] or (gen and redis.call('HGET', k('state'), field))
  if position then
    if tonumber(from) > tonumber(position) then return {'gap', b, position} end
  elseif from ~= '0' and seen ~= '' and seen ~= gen then
    return {'gap', b, ''}
  end
  starts[b] = position or '-1'
  moved[field] = next
  if position and tonumber(position) > tonumber(next) then moved[field] = position end
  at = at + 5 + tonumber(count) * ${width + 2}
end
if not gen then
  gen = ARGV[5]
  redis.call('HSET', meta, 'format', ARGV[1], 'live', gen)
end
${begin}
${lua}
local advanced = 0
at = 8
for b = 1, tonumber(ARGV[7]) do
  local next, count, position = tonumber(ARGV[at+3]), tonumber(ARGV[at+4]), tonumber(starts[b])
  at = at + 5
  if next > position then
    for c = at, at + (count - 1) * ${width + 2}, ${width + 2} do
      if tonumber(ARGV[c]) >= position then
        if ARGV[c+2] == '' then delete(ARGV[c+1]) else put(ARGV[c+1], c + 2) end
      end
    end
    advanced = advanced + 1
  end
  at = at + count * ${width + 2}
end
${finish}
for field, next in pairs(moved) do redis.call('HSET', k('state'), field, next) end
if advanced > 0 then redis.call('HSET', k('state'), 'v|' .. writer, ARGV[5]) end
if ARGV[6] == '1' then advanced = advanced + redis.call('HSETNX', k('state'), 'r|' .. writer, '1') end
return {'ok', gen, advanced}
`);
}

/**
 * A read of the live generation, if the writer that the rows come from has them complete.
 *
 * ARGV: format, writer, then what `lua` takes, from ARGV[3] on. It returns a list that begins with 'ok'.
 */
export function readScript(lua: string): RedisScript {
  return new RedisScript(`${names}
local held = redis.call('HMGET', meta, 'format', 'live')
if held[1] and held[1] ~= ARGV[1] then return {'format', held[1]} end
gen = held[2]
if not gen or not redis.call('HGET', k('state'), 'r|' .. ARGV[2]) then return {'incomplete'} end
${lua}`);
}

/** ARGV: a copy or '' for what is live. Answers format, generation and everything in its state. */
export const stateScript = new RedisScript(`${names}
local held = redis.call('HMGET', meta, 'format', 'live', 'copy')
gen = held[2]
if ARGV[1] ~= '' then gen = held[3] == ARGV[1] and ARGV[1] end
if not gen then return {held[1] or '', '', {}} end
return {held[1] or '', gen, redis.call('HGETALL', k('state'))}
`);

/** Defines `drop(gen)`; `keysOf` defines `keysOf()`, all keys of the generation but its state. */
const dropping = (keysOf: string) => `${names}
${keysOf}
local function drop(which)
  gen = which
  local keys = keysOf()
  keys[#keys+1] = k('state')
  for i = 1, #keys do redis.call('UNLINK', keys[i]) end
end
`;

export interface CopyScripts {
  /** ARGV: format, the copy's name. What another copy has left is dropped. */
  readonly begin: RedisScript;
  /** ARGV: format, the copy's name, its writers. */
  readonly switchOver: RedisScript;
  /** ARGV: format, the copy's name. */
  readonly abandon: RedisScript;
}

export function copyScripts(keysOf: string): CopyScripts {
  const head = `${dropping(keysOf)}
local held = redis.call('HMGET', meta, 'format', 'live', 'copy')
if held[1] and held[1] ~= ARGV[1] then return {'format', held[1]} end
`;
  return {
    begin: new RedisScript(`${head}
if held[3] then drop(held[3]) end
redis.call('HSET', meta, 'format', ARGV[1], 'copy', ARGV[2])
return {'ok'}
`),
    switchOver: new RedisScript(`${head}
if held[3] ~= ARGV[2] then return {'copy-gone'} end
gen = ARGV[2]
for i = 3, #ARGV do redis.call('HSET', k('state'), 'r|' .. ARGV[i], '1') end
redis.call('HSET', meta, 'live', ARGV[2])
redis.call('HDEL', meta, 'copy')
if held[2] then drop(held[2]) end
return {'ok'}
`),
    abandon: new RedisScript(`${head}
if held[3] ~= ARGV[2] then return {'ok'} end
redis.call('HDEL', meta, 'copy')
drop(ARGV[2])
return {'ok'}
`),
  };
}
