/**
 * The Lua of live counts.
 *
 *   minutes        JSON by key
 *   minute-index   `measure NUL minute NUL key`, in that order: the minutes of a measure are one range,
 *                  and the next measure is one seek away
 *   minute-times   keys by minute, for forgetting
 *   trends         JSON by key, `<item>@<hour>`
 *   trend-hours    the hours there are
 *   trend:<hour>   items of that hour by weight
 */
import { type ItemTrend, itemTrends, type MinuteCount, minuteCounts } from '#schemas/behaviour';
import { trendWeights } from '../views/analytics-view.ts';
import type { Rows } from './redis-view.ts';
import { readScript } from './view-scripts.ts';

/** Digits of a time in the index, so that the order of texts is that of times. */
const timeDigits = 15;

/** Defines `keysOf()`. */
export const analyticsKeysLua = `
local function keysOf()
  local keys = {k('minutes'), k('minute-index'), k('minute-times'), k('trends'), k('trend-hours')}
  for _, hour in ipairs(redis.call('ZRANGE', k('trend-hours'), 0, -1)) do
    keys[#keys+1] = k('trend:' .. hour)
  end
  return keys
end`;

/** What the log no longer keeps goes too, as seen from the newest entry: no clock is needed. */
export function minuteRows(): Rows<string, MinuteCount> {
  return {
    width: 2,
    lua: `
local rows, index, times = k('minutes'), k('minute-index'), k('minute-times')
local newest = 0
local function indexed(key)
  local measure, minute = string.match(key, '^(.*)@(%d+)$')
  return measure .. '\\0' .. string.format('%0${timeDigits}.0f', tonumber(minute)) .. '\\0' .. key
end
local function delete(key)
  if redis.call('HDEL', rows, key) == 0 then return end
  redis.call('ZREM', index, indexed(key))
  redis.call('ZREM', times, key)
end
local function put(key, at)
  local minute = tonumber(ARGV[at+1])
  if redis.call('HSET', rows, key, ARGV[at]) == 1 then
    redis.call('ZADD', times, minute, key)
    redis.call('ZADD', index, 0, indexed(key))
  end
  if minute > newest then newest = minute end
end`,
    finish: `
local kept = newest - ${minuteCounts.retentionMs}
for _, key in ipairs(redis.call('ZRANGEBYSCORE', times, '-inf', '(' .. string.format('%.0f', kept))) do
  delete(key)
end`,
    argumentsOf: (count, { key }) => {
      const { measure, minute } = count;
      if (measure.includes('\0')) throw new Error('a measure has no NUL in its name');
      if (key !== keyOf(measure, minute)) throw new Error(`'${key}' is not the key of its count`);
      return [JSON.stringify(count), timeOf(minute)];
    },
  };
}

export function trendRows(): Rows<string, ItemTrend> {
  return {
    width: 4,
    lua: `
local rows, hours = k('trends'), k('trend-hours')
local newest = 0
local function split(key)
  local item, hour = string.match(key, '^(.*)@(%d+)$')
  return item, hour
end
local function delete(key)
  if redis.call('HDEL', rows, key) == 0 then return end
  local item, hour = split(key)
  redis.call('ZREM', k('trend:' .. hour), item)
  if redis.call('EXISTS', k('trend:' .. hour)) == 0 then redis.call('ZREM', hours, hour) end
end
local function put(key, at)
  local item, hour, weight = ARGV[at+1], ARGV[at+2], ARGV[at+3]
  redis.call('HSET', rows, key, ARGV[at])
  redis.call('ZADD', k('trend:' .. hour), weight, item)
  redis.call('ZADD', hours, hour, hour)
  if tonumber(hour) > newest then newest = tonumber(hour) end
end`,
    finish: `
local kept = newest - ${itemTrends.retentionMs}
for _, hour in ipairs(redis.call('ZRANGEBYSCORE', hours, '-inf', '(' .. string.format('%.0f', kept))) do
  for _, item in ipairs(redis.call('ZRANGE', k('trend:' .. hour), 0, -1)) do
    redis.call('HDEL', rows, item .. '@' .. hour)
  end
  redis.call('UNLINK', k('trend:' .. hour))
  redis.call('ZREM', hours, hour)
end`,
    argumentsOf: (trend, { key }) => {
      const { itemId, hour, views, carts, orders } = trend;
      if (key !== keyOf(itemId, hour)) throw new Error(`'${key}' is not the key of its trend`);
      const weight =
        views * trendWeights.views + carts * trendWeights.carts + orders * trendWeights.orders;
      if (!Number.isFinite(weight)) throw new Error(`the counts of '${key}' are no numbers`);
      return [JSON.stringify(trend), itemId, timeOf(hour), weight];
    },
  };
}

function keyOf(name: string, timeMs: number): string {
  return `${name}@${timeMs}`;
}

/** The last time that the index can hold. */
const lastTimeMs = 10 ** timeDigits - 1;

function timeOf(timeMs: number): number {
  if (Number.isSafeInteger(timeMs) && timeMs >= 0 && timeMs <= lastTimeMs) return timeMs;
  throw new Error(`${timeMs} is no time`);
}

/** A time as the index has it. */
function indexTime(timeMs: number): string {
  return `${Math.min(Math.max(timeMs, 0), lastTimeMs)}`.padStart(timeDigits, '0');
}

/** The bounds for `minutesScript`; both times are included. */
export function minutesBounds(measure: string, fromMs: number, toMs: number): [string, string] {
  const from = indexTime(Math.ceil(fromMs));
  return [`${measure}\0${from}`, toMs < 0 ? '' : `${measure}\0${indexTime(Math.floor(toMs))}\x01`];
}

/** Answers the JSON of `keys`, an array in Lua, a thousand at a time: Lua's stack is small. */
const valuesLua = `
local function valuesOf(rows, keys)
  local values = {}
  for first = 1, #keys, 1000 do
    local last = math.min(first + 999, #keys)
    local found = redis.call('HMGET', rows, unpack(keys, first, last))
    for i = 1, #found do values[#values+1] = found[i] end
  end
  return values
end
local function keysIn(found)
  local keys = {}
  for i = 1, #found do keys[i] = string.match(found[i], '^[^%z]*%z%d+%z(.*)$') end
  return keys
end`;

/** ARGV: the bounds of a range of the index, both included. */
export const minutesScript = readScript(`${valuesLua}
local found = redis.call('ZRANGE', k('minute-index'), '[' .. ARGV[3], '[' .. ARGV[4], 'BYLEX')
return {'ok', valuesOf(k('minutes'), keysIn(found))}
`);

/** One seek a measure. */
export const measuresScript = readScript(`
local measures, from = {}, '-'
while true do
  local found = redis.call('ZRANGE', k('minute-index'), from, '+', 'BYLEX', 'LIMIT', 0, 1)[1]
  if not found then return {'ok', measures} end
  local measure = string.match(found, '^([^%z]*)')
  measures[#measures+1] = measure
  from = '(' .. measure .. '\\1'
end
`);

/**
 * The strongest of the hours from ARGV[3] on, ARGV[4] of them: equal ones by item. Sums are made of
 * weights by Redis itself; only the values of what is answered are read.
 */
export const trendingScript = readScript(`${valuesLua}
local hours = redis.call('ZRANGEBYSCORE', k('trend-hours'), ARGV[3], '+inf')
if #hours == 0 then return {'ok', {}} end
local sets, limit = {}, tonumber(ARGV[4])
for i = 1, #hours do sets[i] = k('trend:' .. hours[i]) end
local ranked
if #sets == 1 then
  local last = redis.call('ZREVRANGE', sets[1], limit - 1, limit - 1, 'WITHSCORES')[2] or '-inf'
  ranked = redis.call('ZRANGEBYSCORE', sets[1], last, '+inf', 'WITHSCORES')
else
  sets[#sets+1] = 'WITHSCORES'
  ranked = redis.call('ZUNION', #hours, unpack(sets))
end
-- Pairs of item and weight, the weakest first; equal ones are in their order already.
local values, count, last = {}, 0, #ranked - 1
while last >= 1 and count < limit do
  local first = last
  while first > 2 and ranked[first-1] == ranked[last+1] do first = first - 2 end
  for i = first, last, 2 do
    if count == limit then break end
    count = count + 1
    local keys = {}
    for h = 1, #hours do keys[h] = ranked[i] .. '@' .. hours[h] end
    for _, value in ipairs(valuesOf(k('trends'), keys)) do
      if value then values[#values+1] = value end
    end
  end
  last = first - 2
end
return {'ok', values}
`);

/** ARGV: entry of the index to begin after, how many at most. */
export const minuteChunkScript = readScript(`${valuesLua}
local from = ARGV[3] == '' and '-' or '(' .. ARGV[3]
local found = redis.call('ZRANGE', k('minute-index'), from, '+', 'BYLEX', 'LIMIT', 0, ARGV[4])
local keys = keysIn(found)
return {'ok', gen, keys, valuesOf(k('minutes'), keys), found[#found] or false}
`);

/** ARGV: hour to begin after. Answers all of one hour. */
export const trendChunkScript = readScript(`${valuesLua}
local from = ARGV[3] == '' and '-inf' or '(' .. ARGV[3]
local hour = redis.call('ZRANGEBYSCORE', k('trend-hours'), from, '+inf', 'LIMIT', 0, 1)[1]
if not hour then return {'ok', gen, {}, {}, false} end
local keys = redis.call('ZRANGE', k('trend:' .. hour), 0, -1)
for i = 1, #keys do keys[i] = keys[i] .. '@' .. hour end
return {'ok', gen, keys, valuesOf(k('trends'), keys), hour}
`);
