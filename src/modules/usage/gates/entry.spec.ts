import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { limitOf } from '../../../../test/support/leases.js';
import type { LimitAnswers, LimitAsk } from '../../../platform/limits/limit-store.js';
import { LimitStore } from '../../../platform/limits/limit-store.js';
import { CallLimiter } from '../../limits/call-limiter.js';
import { groupsOf } from '../../limits/limit-groups.js';
import { Entry } from './entry.js';

/** A store that gives whatever it is asked for, and counts what comes back. */
class OpenStore extends LimitStore {
  readonly back = new Map<string, number>();

  exchange(_process: string, asks: readonly LimitAsk[]): Promise<LimitAnswers> {
    const answers = asks.map(({ id, back, have, needs, ahead, most }) => {
      this.back.set(id, (this.back.get(id) ?? 0) + back);
      const granted = needs.reduce((sum, need) => sum + need, ahead);
      return { granted, fits: needs.length, left: most - have - granted, isShort: false, waitMs: 0 };
    });
    return Promise.resolve({ answers, processes: 1 });
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const own = [limitOf('requests', 10), limitOf('parallel', 10, { id: 'own/parallel' })];
const endpoint = [limitOf('parallel', 10, { id: 'endpoint/parallel' }), limitOf('tokens', 10, { id: 'endpoint/tokens' })];
let store: OpenStore;
let limiter: CallLimiter;
let places: { held: number };

beforeEach(() => {
  store = new OpenStore();
  limiter = new CallLimiter(store, { process: () => 'p1', now: () => 1_000 });
  places = { held: 0 };
});

afterEach(() => limiter.close());

/** Takes what an entry needs, and enters. */
async function enter(limits = own, hasTime?: boolean): Promise<Entry> {
  const { request } = groupsOf(limits);
  await new Promise<void>((taken, reject) => limiter.take(request, taken, () => reject(new Error('refused'))));
  return new Entry(limiter, places, () => false, limits, request, hasTime);
}

/** Calls that run, as each limit counts them. */
const running = (limits = [...own, ...endpoint]): number[] =>
  limits.filter(({ kind }) => kind === 'parallel').map((limit) => limit.most - limiter.stateOf(limit).left);

/** Requests that the caller's limit has back at last. */
async function requestsBack(): Promise<number | undefined> {
  await limiter.close();
  return store.back.get(own[0]?.id ?? '');
}

describe('an entry', () => {
  it('holds one place until it leaves, however often that is said', async () => {
    const [first, second] = [await enter(), await enter()];
    expect([places.held, first.hasTime, running()]).toEqual([2, false, [2, 0]]);
    first.leave();
    first.leave();
    expect([places.held, running()]).toEqual([1, [1, 0]]);
    second.leave();
    expect([places.held, running()]).toEqual([0, [0, 0]]);
  });

  it('knows whether its calls have time', async () => {
    const entry = await enter(own, true);
    expect(entry.hasTime).toBe(true);
    entry.leave();
  });

  it('needs of each endpoint one request and one place once, however often it is tried', async () => {
    const entry = await enter();
    const needs = entry.needsOf(endpoint);
    expect([needs, entry.needsOf([]), entry.limits]).toEqual([[{ limit: endpoint[0], units: 1 }], [], own]);
    await new Promise<void>((taken, reject) => limiter.take(needs, taken, () => reject(new Error('refused'))));
    entry.calls(endpoint, needs);
    expect([entry.needsOf(endpoint), entry.limits, running()]).toEqual([[], [...own, ...endpoint], [1, 1]]);
    entry.calls(endpoint, entry.needsOf(endpoint));
    expect(entry.limits).toEqual([...own, ...endpoint]);
    expect(entry.needsOf([...endpoint])).toEqual(needs);
    entry.leave();
    expect(running()).toEqual([0, 0]);
  });

  it('gives back at once the place of a call that goes out when it has left', async () => {
    const entry = await enter();
    entry.leave();
    const counted = [...endpoint, limitOf('requests', 10, { id: 'endpoint/requests' })];
    const needs = entry.needsOf(counted);
    await new Promise<void>((taken, reject) => limiter.take(needs, taken, () => reject(new Error('refused'))));
    expect(running()).toEqual([0, 1]);
    entry.calls(counted, needs);
    expect(running()).toEqual([0, 0]);
    await limiter.close();
    expect(store.back.get('endpoint/requests')).toBe(0);
  });

  it('costs no request when a limit refuses its first call, and keeps its place', async () => {
    const entry = await enter();
    entry.refuse();
    entry.refuse();
    expect([running(), places.held]).toEqual([[1, 0], 1]);
    entry.leave();
    expect([running(), places.held]).toEqual([[0, 0], 0]);
    expect(await requestsBack()).toBe(1);
  });

  it('costs its request when a call of it went out before', async () => {
    const entry = await enter();
    entry.calls([], entry.needsOf([]));
    entry.refuse();
    entry.leave();
    expect(running()).toEqual([0, 0]);
    expect(await requestsBack()).toBe(0);
  });

  it('asks nothing of limits where it took nothing', () => {
    new Entry(limiter, places, () => false, [], []).leave();
    expect([limiter.counts().leases, places.held]).toEqual([0, 0]);
  });
});
