import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { callLimits, type CallLimit, type LimitKind } from '../../src/modules/limits/call-limit.js';
import type { LimitRefusal } from '../../src/modules/limits/lease.js';
import { CallLimiter } from '../../src/modules/limits/call-limiter.js';
import type { Need } from '../../src/modules/limits/waiting-line.js';
import { SweepRepository } from '../../src/modules/system/sweep.repository.js';
import { SweepService } from '../../src/modules/system/sweep.service.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import type { LimitAsk, LimitStore } from '../../src/platform/limits/limit-store.js';
import { PostgresLimitStore } from '../../src/platform/limits/postgres-limit-store.js';
import { RedisLimitStore } from '../../src/platform/limits/redis-limit-store.js';
import { createMigratedDatabase } from '../support/app.js';
import type { TestDatabase } from '../support/postgres.js';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const names = { requests: 'requests_per_minute', tokens: 'tokens_per_minute', parallel: 'parallel_requests' } as const;
let made = 0;

/** A limit that nobody has used. */
function limitOf(kind: LimitKind, most: number, id = `key_${(made += 1)}`, epoch = 1): CallLimit {
  const [limit] = callLimits({ tenantId: 'ten_a', owner: 'key', id, epoch }, { [names[kind]]: most });
  return limit as CallLimit;
}

const one = (limit: CallLimit, units = 1): Need<CallLimit> => ({ limit, units });

/** Whether the limiter lets a call through; why not. */
function tried(limiter: CallLimiter, ...needs: Need<CallLimit>[]): Promise<LimitRefusal<CallLimit> | undefined> {
  return new Promise((resolve) => limiter.take(needs, () => resolve(undefined), resolve));
}

/** How many of so many calls at once come through. */
async function through(limiters: readonly CallLimiter[], calls: number, ...needs: Need<CallLimit>[]): Promise<number> {
  const all = Array.from({ length: calls }, (_none, at) => tried(limiters[at % limiters.length] as CallLimiter, ...needs));
  return (await Promise.all(all)).filter((refusal) => refusal === undefined).length;
}

/** What holds wherever limits are kept. @param open another process's way to the same store. */
function guarantees(open: () => LimitStore, proxy: () => TcpProxy): void {
  const limiters: CallLimiter[] = [];
  const stores: LimitStore[] = [];
  const heard: unknown[] = [];
  let processes = 0;
  const processOf = (): CallLimiter => {
    const store = open();
    const name = `p${(processes += 1)}`;
    const limiter = new CallLimiter(store, { process: () => name, heard: (failure) => heard.push(failure) });
    limiters.push(limiter);
    stores.push(store);
    return limiter;
  };
  afterEach(async () => {
    proxy().restore();
    for (const limiter of limiters.splice(0)) await limiter.close();
    for (const store of stores.splice(0)) await store.close();
    heard.splice(0);
  });

  it.each([
    ['below what is leased', 20],
    ['with leases', 200],
  ])('lets exactly so many requests through as the limit says, over three processes at once: %s', async (_how, most) => {
    const all = [processOf(), processOf(), processOf()];
    const limit = limitOf('requests', most);
    const from = performance.now();
    const passed = await through(all, most * 3, one(limit));
    const filled = ((performance.now() - from) * most) / 60_000;
    expect(passed).toBeGreaterThanOrEqual(most);
    expect(passed).toBeLessThanOrEqual(most + Math.ceil(filled));
  });

  it('refuses nobody while another process holds units that it does not use', async () => {
    const [idle, busy] = [processOf(), processOf()];
    const limit = limitOf('requests', 100);
    expect(await through([idle], 30, one(limit))).toBe(30);
    expect(await through([busy], 70, one(limit))).toBeGreaterThanOrEqual(70);
    const refusal = await tried(busy, one(limit));
    expect(refusal === undefined || refusal.left === 0).toBe(true);
  });

  it('takes from all limits or from none: what one refuses costs the others nothing', async () => {
    const limiter = processOf();
    const [wide, narrow] = [limitOf('requests', 10), limitOf('requests', 2)];
    expect(await through([limiter], 6, one(wide), one(narrow))).toBe(2);
    expect(await through([limiter], 20, one(wide))).toBe(8);
  });

  it('lets what has time go after all that has none, and does not refuse it while it may wait', async () => {
    const limiter = processOf();
    const limit = limitOf('parallel', 1);
    const order: string[] = [];
    expect(await tried(limiter, one(limit))).toBeUndefined();
    const patient = new Promise<void>((resolve, reject) => {
      const taken = (): void => {
        order.push('later');
        limiter.giveBack([one(limit)]);
        resolve();
      };
      limiter.takeLater([one(limit)], taken, reject);
    });
    const leave = limiter.takeLater(
      [one(limit)],
      () => order.push('left'),
      () => undefined,
    );
    leave();
    expect(await tried(limiter, one(limit))).toMatchObject({ left: 0 });
    limiter.giveBack([one(limit)]);
    const now = tried(limiter, one(limit)).then((refusal) => {
      order.push('now');
      if (refusal === undefined) limiter.giveBack([one(limit)]);
    });
    await Promise.all([now, patient]);
    expect(order).toEqual(['now', 'later']);
  });

  it('refuses for good what has time and never fits, whatever else it needs', async () => {
    const limiter = processOf();
    const [scarce, small] = [limitOf('requests', 2), limitOf('tokens', 5)];
    const refusal = await new Promise<LimitRefusal<CallLimit> | undefined>((resolve) => {
      limiter.takeLater([one(scarce), one(small, 6)], () => resolve(undefined), resolve);
    });
    expect(refusal).toMatchObject({ limit: small, need: 6, waitMs: null });
  });

  it('asks for what waits while others only look, and never asks twice for it', async () => {
    const [first, second] = [processOf(), processOf()];
    const [limit, other] = [limitOf('parallel', 1), limitOf('requests', 5)];
    expect(await tried(first, one(limit))).toBeUndefined();
    expect(await tried(second, one(limit))).toMatchObject({ left: 0 });
    first.giveBack([one(limit)]);
    await first.look([limit]);
    const waiting = tried(second, one(limit));
    await second.look([other]);
    expect(await waiting).toBeUndefined();
    const many = limitOf('parallel', 10);
    const six = through([first], 6, one(many));
    await Promise.all([first.look([many]), first.look([many]), first.look([many, many])]);
    expect([await six, await through([first, second], 10, one(many))]).toEqual([6, 4]);
  });

  it('forgets all limits of a tenant, and those of no other', async () => {
    const store = open();
    stores.push(store);
    const ids = ['ten_gone*/key/a/requests', 'ten_gone*/key/b/requests', 'ten_gone*b/key/a/requests', 'ten_goner/key/a/requests'];
    const take = async (needs: number[]): Promise<number[]> => {
      const asks = ids.map((id): LimitAsk => ({ id, unit: 'rate', most: 1_000, epoch: 1, have: 0, needs, ahead: 0, back: 0 }));
      return (await store.exchange('forgetting', asks)).answers.map(({ left }) => Math.round(left / 100));
    };
    expect(await take([600])).toEqual([4, 4, 4, 4]);
    await store.forget('ten_gone*/');
    expect(await take([])).toEqual([10, 10, 4, 4]);
  });

  it('tells the store no more at once than it can answer', async () => {
    const store = open();
    const sizes: number[] = [];
    const counted: LimitStore = {
      exchange: (process, asks) => {
        sizes.push(asks.length);
        return store.exchange(process, asks);
      },
      leave: (process) => store.leave(process),
      forget: (prefix) => store.forget(prefix),
      close: () => store.close(),
    };
    const limiter = new CallLimiter(counted, { process: () => 'looking' });
    limiters.push(limiter);
    stores.push(store);
    await limiter.look(Array.from({ length: 4_000 }, () => limitOf('requests', 5)));
    expect(sizes[0]).toBe(500);
    expect(Math.max(...sizes)).toBe(500);
  });

  it('says when a unit is there again, and what never fits', async () => {
    const limiter = processOf();
    const limit = limitOf('tokens', 600);
    expect(await tried(limiter, one(limit, 590))).toBeUndefined();
    const refusal = await tried(limiter, one(limit, 100));
    expect(refusal).toMatchObject({ need: 100, left: expect.any(Number) });
    expect(refusal?.waitMs).toBeGreaterThan(7_000);
    expect(refusal?.waitMs).toBeLessThanOrEqual(9_000);
    expect(await tried(limiter, one(limit, 601))).toMatchObject({ need: 601, waitMs: null });
  });

  it('lets a small call through where a larger one before it does not fit', async () => {
    const limiter = processOf();
    const limit = limitOf('tokens', 30);
    const [large, small] = await Promise.all([tried(limiter, one(limit, 25)), tried(limiter, one(limit, 5))].reverse());
    expect([large, small]).toEqual([undefined, undefined]);
    const after = await Promise.all([tried(limiter, one(limit, 20)), tried(limiter, one(limit, 25))]);
    expect(after.every((refusal) => refusal !== undefined)).toBe(true);
  });

  it('settles tokens by what was used: what was not comes back, what was used beyond is missing', async () => {
    const [one_, other] = [processOf(), processOf()];
    const limit = limitOf('tokens', 40);
    expect(await tried(one_, one(limit, 40))).toBeUndefined();
    expect(await tried(other, one(limit, 10))).toBeDefined();
    one_.giveBack([one(limit, 30)]);
    await until('they are back', async () => (await tried(other, one(limit, 30))) === undefined);
    one_.giveBack([one(limit, -20)]);
    await until('they are owed', async () => ((await tried(other, one(limit)))?.waitMs ?? 0) > 10_000);
  });

  it('never lets more calls run at once than the limit says, and lets another in as soon as one has ended', async () => {
    const [first, second] = [processOf(), processOf()];
    const limit = limitOf('parallel', 3);
    expect(await through([first, second], 12, one(limit))).toBe(3);
    // Whoever holds one of the three: the other process has no place to give back.
    const holder = (await tried(first, one(limit))) === undefined ? second : first;
    holder.giveBack([one(limit)]);
    await until('a place is free', async () => (await tried(second, one(limit))) === undefined);
    expect(await tried(first, one(limit))).toMatchObject({ left: 0 });
  });

  it('gives the places of a process that died to others, and its units come back with time', async () => {
    const dead = open();
    const limit = limitOf('parallel', 2);
    await dead.exchange('dead', [
      { id: limit.id, unit: 'parallel', most: 2, epoch: 1, back: 0, have: 0, needs: [1, 1], ahead: 0 },
    ]);
    await dead.close();
    const limiter = processOf();
    expect(await tried(limiter, one(limit))).toMatchObject({ left: 0 });
    await until('they are free', async () => (await tried(limiter, one(limit))) === undefined, 20_000);
  });

  it('voids what processes hold of a limit that was lowered', async () => {
    const [first, second] = [processOf(), processOf()];
    const limit = limitOf('requests', 1_000, 'lowered', 1);
    expect(await through([first, second], 400, one(limit))).toBe(400);
    const lowered = limitOf('requests', 60, 'lowered', 2);
    const passed = await through([first, second], 200, one(lowered));
    expect(passed).toBeLessThanOrEqual(62);
    // Who has not heard of it yet gets nothing more out of it.
    expect(await through([second], 50, one(limit))).toBeLessThanOrEqual(2);
  });

  it('goes on without the store: with what it holds, then with its share, and the store hears of it later', async () => {
    const [first, second] = [processOf(), processOf()];
    const limit = limitOf('requests', 100);
    expect(await through([first, second], 20, one(limit))).toBe(20);
    await until('each has heard of the other', async () => {
      await first.look([limit]);
      return first.counts().processes === 2;
    });
    proxy().cut();
    const passed = await through([first], 200, one(limit));
    // Half of what is left, since there are two processes; and what it held.
    expect(passed).toBeGreaterThanOrEqual(40);
    expect(passed).toBeLessThanOrEqual(60);
    expect(first.storeFailure).toBeDefined();
    expect(await through([first], 10, one(limitOf('parallel', 4)))).toBe(4);
    proxy().restore();
    await until('the store is back', () => first.storeFailure === undefined);
    await until('it has heard', async () => ((await second.look([limit]))[0]?.left ?? 100) <= 85 - passed);
    expect(heard).toContain(undefined);
  });

  it('keeps to its share however long the store gives no answer', async () => {
    const limiter = processOf();
    const limit = limitOf('requests', 30);
    let passed = await through([limiter], 1, one(limit));
    proxy().freeze();
    const from = performance.now();
    await until('it has asked in vain again', async () => {
      passed += await through([limiter], 40, one(limit));
      return limiter.storeFailure !== undefined && performance.now() - from > 2_000;
    });
    expect(passed).toBeLessThanOrEqual(30 + Math.ceil(((performance.now() - from) * 30) / 60_000));
  });

  it('keeps to the bound, whatever the order of calls, ends and pauses on several processes', async () => {
    const all = [processOf(), processOf(), processOf()];
    const step = fc.record({
      process: fc.nat(2),
      calls: fc.integer({ min: 1, max: 40 }),
      units: fc.integer({ min: 1, max: 9 }),
      unused: fc.nat(9),
      pauses: fc.boolean(),
    });
    const steps = fc.array(step, { minLength: 5, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 10, max: 400 }), steps, async (most, run) => {
        const limit = limitOf('tokens', most);
        const from = performance.now();
        let used = 0;
        const pending = run.map(async ({ process, calls, units, unused, pauses }) => {
          const limiter = all[process] as CallLimiter;
          for (let call = 0; call < calls; call += 1) {
            if (units > most || (await tried(limiter, one(limit, units))) !== undefined) continue;
            const back = Math.min(unused, units);
            used += units - back;
            if (pauses) await new Promise((resolve) => setImmediate(resolve));
            if (back > 0) limiter.giveBack([one(limit, back)]);
          }
        });
        await Promise.all(pending);
        return used <= most + ((performance.now() - from) * most) / 60_000 + 1;
      }),
      { numRuns: process.env['GT_TEST_SOAK'] === '1' ? 60 : 8 },
    );
  });

  it('never has more calls at once than the limit, whatever the order', async () => {
    const all = [processOf(), processOf()];
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 80 }),
        fc.array(fc.nat(1), { minLength: 20, maxLength: 200 }),
        async (most, run) => {
          const limit = limitOf('parallel', most);
          let running = 0;
          let peak = 0;
          await Promise.all(
            run.map(async (process) => {
              const limiter = all[process] as CallLimiter;
              if ((await tried(limiter, one(limit))) !== undefined) return;
              running += 1;
              peak = Math.max(peak, running);
              await new Promise((resolve) => setImmediate(resolve));
              running -= 1;
              limiter.giveBack([one(limit)]);
            }),
          );
          return peak <= most;
        },
      ),
      { numRuns: process.env['GT_TEST_SOAK'] === '1' ? 100 : 15 },
    );
  });

  it('asks the store for no call while it holds enough', async () => {
    const limiter = processOf();
    const limit = limitOf('requests', 100_000);
    await through([limiter], 200, one(limit));
    await until('it has leases', async () => (await through([limiter], 20, one(limit))) === 20 && holdsSome(limiter, limit));
    proxy().freeze();
    let at = 0;
    while (holdsSome(limiter, limit)) at += 1;
    expect(at).toBeGreaterThan(20);
    proxy().restore();
  });
}

function askOf({ id, most, epoch }: CallLimit, back: number): LimitAsk {
  return { id, unit: 'rate', most, epoch, back, have: 0, needs: [], ahead: 0 };
}

/** Takes a unit if that can be done at once. */
function holdsSome(limiter: CallLimiter, limit: CallLimit): boolean {
  let isTaken = false;
  limiter.take(
    [one(limit)],
    () => (isTaken = true),
    () => undefined,
  );
  return isTaken;
}

describe('limits in Postgres', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  beforeAll(async () => {
    database = await createMigratedDatabase();
    proxy = await TcpProxy.before(database.url);
  });
  afterAll(async () => {
    await proxy.close();
    await database.drop();
  });
  guarantees(
    () => new PostgresLimitStore(proxy.url),
    () => proxy,
  );

  it('are forgotten a day after anybody asked for them', async () => {
    const [old, young] = [limitOf('requests', 5), limitOf('requests', 5)];
    const store = new PostgresLimitStore(database.url);
    await store.exchange('p', [askOf(old, 0), askOf(young, 0)]);
    await store.close();
    const connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 1 });
    const platform = new PlatformDatabase(connections);
    const ids = (): Promise<string[]> =>
      platform.runSql(async (client) => {
        const { rows } = await client.query<{ id: string }>('select id from limit_buckets where id = any($1)', [
          [old.id, young.id],
        ]);
        return rows.map(({ id }) => id);
      });
    await platform.runSql((client) =>
      client.query('update limit_buckets set filled_at = filled_at - 86400001 where id = $1', [old.id]),
    );
    await new SweepService(new SweepRepository(platform)).sweep(new AbortController().signal);
    expect(await ids()).toEqual([young.id]);
    await connections.close();
  });
});

describeWithRedis('limits in Redis', () => {
  let redis: TestRedis;
  let proxy: TcpProxy;
  beforeAll(async () => {
    redis = await startRedis();
    proxy = await TcpProxy.before(redis.url);
  });
  afterAll(async () => {
    await proxy.close();
    await redis.stop();
  });
  guarantees(
    () => new RedisLimitStore(proxy.url),
    () => proxy,
  );

  it('are kept until they are full again: what was used beyond one is not forgiven', async () => {
    const limit = limitOf('tokens', 60);
    const store = new RedisLimitStore(redis.url);
    await store.exchange('p', [askOf(limit, -600)]);
    await store.close();
    const client = new Redis(redis.url);
    expect(await client.pttl(`gt:limit:{${limit.id}}`)).toBeGreaterThan(9 * 60_000);
    client.disconnect();
  });
});
