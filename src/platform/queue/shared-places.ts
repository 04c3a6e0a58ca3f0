import type { OnApplicationShutdown } from '@nestjs/common';
import type { RedisConnection } from './redis-connection.js';

/** Holds a place until a time of Redis's own clock; those whose time is over are free. Gives 1, or 0 where all are taken. */
const take = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
  redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1`;

/** A place that somebody holds, under a name of its own. */
export interface HeldPlace {
  readonly holder: string;
  readonly name: string;
}

/**
 * Places of which a holder has only so many over all processes. One that is not held on to in time is free again: whoever
 * dies leaves none behind for long. They are kept in Redis; without one every process has its own count alone.
 */
export class SharedPlaces implements OnApplicationShutdown {
  constructor(private readonly redis: RedisConnection | undefined) {}

  /** Takes a place for so long, or holds on to it. @returns false when all are taken. @throws Error when Redis does not answer. */
  async take({ holder, name }: HeldPlace, most: number, lastsMs: number): Promise<boolean> {
    if (this.redis === undefined) return true;
    return (await (await this.redis.ready()).eval(take, 1, keyOf(holder), name, most, lastsMs)) === 1;
  }

  /** @throws Error when Redis does not answer: the place is then free when its time is over. */
  async leave({ holder, name }: HeldPlace): Promise<void> {
    if (this.redis !== undefined) await (await this.redis.ready()).zrem(keyOf(holder), name);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.redis?.close();
  }
}

function keyOf(holder: string): string {
  return `gt:places:${holder}`;
}
