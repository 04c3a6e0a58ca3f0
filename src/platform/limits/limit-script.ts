import { createHash } from 'node:crypto';
import { holdsMs, keptMs, recallMs, type LimitAsk } from './limit-store.js';

/**
 * One ask of one limit, in Redis: a hash with the limit as the last change has set it (`most`, `epoch`), what was free at a
 * time of Redis's clock (`level`, `at`), since and until when there is too little for all (`since`, `until`), and for each
 * process what it holds (`h:` and its name: units and until when they count). Gives `granted, fits, left, isShort, waitMs` of
 * `LimitAnswer`. The same as the function `gt_limit_exchange` of the migrations.
 */
export const limitScript = `
  local process, unit = ARGV[1], ARGV[2]
  local most, epoch, back, have, ahead = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
  local isParallel = unit == 'parallel'
  local time = redis.call('TIME')
  local now = time[1] * 1000 + time[2] / 1000
  local bucket, others = {}, 0
  local fields = redis.call('HGETALL', KEYS[1])
  for i = 1, #fields, 2 do
    local name, value = fields[i], fields[i + 1]
    if string.sub(name, 1, 2) ~= 'h:' then bucket[name] = tonumber(value)
    elseif name ~= 'h:' .. process then
      local colon = string.find(value, ':', 1, true)
      local lasts = tonumber(string.sub(value, colon + 1))
      if lasts >= now and lasts <= now + 2 * ${holdsMs} then others = others + tonumber(string.sub(value, 1, colon - 1))
      else redis.call('HDEL', KEYS[1], name) end
    end
  end
  if bucket.epoch and bucket.epoch > epoch then most, epoch = bucket.most, bucket.epoch end
  local usable = isParallel and 0 or have
  local level = most - others - have
  if not isParallel then
    local filled = (bucket.level or most) + math.max(now - (bucket.at or now), 0) * most / 60000 + back
    level = math.min(filled, level)
  end
  local free = math.floor(level)
  local summed, fits, needs = 0, 0, #ARGV - 7
  for i = 8, #ARGV do
    local need = tonumber(ARGV[i])
    if summed + need > usable + free then break end
    summed = summed + need
    fits = fits + 1
  end
  local granted = math.max(summed - usable, 0)
  local since, till, wait = bucket.since or 0, bucket['until'] or 0, 0
  if fits < needs then
    if now > till or now < since then since = now end
    till = now + 1000
    if others > 0 then wait = math.max(0, since + ${recallMs} - now) end
  end
  local isShort = now >= since and now <= till
  if not isShort then granted = granted + math.max(0, math.min(ahead, math.floor(level - granted - most / 10))) end
  local held = have + granted - (isParallel and 0 or summed)
  redis.call('HSET', KEYS[1], 'most', most, 'epoch', string.format('%.0f', epoch), 'level', string.format('%.6f', level - granted),
    'at', string.format('%.3f', now), 'since', string.format('%.3f', since), 'until', string.format('%.3f', till),
    'h:' .. process, string.format('%.0f:%.3f', held, now + ${holdsMs}))
  local empty = most - level + granted
  redis.call('PEXPIRE', KEYS[1], math.min(120000 + (isParallel and 0 or math.ceil(empty * 60000 / math.max(most, 1))), ${keptMs}))
  return { string.format('%.0f', granted), fits, string.format('%.6f', level - granted), isShort and 1 or 0, string.format('%.3f', wait) }`;

export const limitScriptSha = createHash('sha1').update(limitScript).digest('hex');

export function scriptArguments(process: string, { unit, most, epoch, back, have, ahead, needs }: LimitAsk): (string | number)[] {
  return [process, unit, most, epoch, back, have, ahead, ...needs];
}

/** Says that a process lives, and counts those that do. */
export const processScript = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  redis.call('ZADD', KEYS[1], now + ${holdsMs}, ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ${holdsMs})
  return redis.call('ZCARD', KEYS[1])`;
