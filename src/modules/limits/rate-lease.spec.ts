import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerOf, limitOf } from '../../../test/support/leases.js';
import type { LimitAnswer } from '../../platform/limits/limit-store.js';
import { RateLease } from './rate-lease.js';

/** 6000 a minute: one unit comes back in 10 ms, and a process keeps at most 600 ahead. */
const limit = limitOf('requests', 6_000);

/** A lease that asked for these units and was granted them. */
function leaseWith(granted: number, nowMs = 0, more: Partial<LimitAnswer> = {}, of = limit): RateLease {
  const lease = new RateLease(of);
  const ask = lease.ask([], nowMs);
  lease.told(answerOf({ granted, left: of.most - granted, ...more }), ask, nowMs);
  return lease;
}

/** What a lease tells the store once it keeps nothing ahead: all that it had, or what it owes. */
const toldAtLast = (lease: RateLease, nowMs: number): number => {
  lease.surrender();
  return lease.ask([], nowMs).back;
};

describe('a lease of a rate', () => {
  it('holds nothing before the store has given something, and takes the limit for free until then', () => {
    const lease = new RateLease(limit);
    expect([lease.has(0, 0), lease.has(1, 0), lease.isIdle(0), lease.isDue(0)]).toEqual([true, false, true, false]);
    expect(lease.state(5)).toEqual({ limit, left: 6_000, fullInMs: 0 });
    expect(lease.ask([7], 5)).toEqual({
      id: limit.id,
      unit: 'rate',
      most: 6_000,
      epoch: 1,
      back: 0,
      have: 0,
      needs: [7],
      ahead: 0,
    });
  });

  it('has what it was granted, until it is taken', () => {
    const lease = leaseWith(10);
    expect([lease.has(10, 0), lease.has(11, 0), lease.isIdle(0), lease.isDue(0)]).toEqual([true, false, false, true]);
    lease.take(4, 0);
    expect([lease.has(6, 0), lease.has(7, 0)]).toEqual([true, false]);
    lease.take(6, 0);
    expect([lease.has(1, 0), lease.isIdle(0)]).toEqual([false, true]);
  });

  it('tells the store what was not used, and what was used beyond, once', () => {
    const lease = leaseWith(10);
    lease.take(10, 0);
    lease.giveBack(3);
    expect([lease.has(1, 0), lease.isIdle(0), lease.isDue(0)]).toEqual([false, false, true]);
    expect([lease.ask([1], 0).back, lease.ask([1], 0).back]).toEqual([3, 0]);
    lease.giveBack(-5);
    expect(lease.ask([1], 0).back).toBe(-5);
  });

  it('has something to tell as soon as units go back, and whenever its store is away', () => {
    const lease = leaseWith(1, 0, {}, limitOf('requests', 10));
    lease.take(1, 0);
    expect(lease.isDue(0)).toBe(false);
    lease.giveBack(1);
    expect(lease.isDue(0)).toBe(true);
    lease.ask([], 0);
    expect(lease.isDue(0)).toBe(false);
    lease.goAlone(1, 0);
    expect(lease.isDue(0)).toBe(true);
  });

  it('keeps nothing ahead once it has surrendered', () => {
    const lease = leaseWith(30);
    lease.take(20, 0);
    lease.surrender();
    expect(lease.ask([], 0)).toMatchObject({ back: 10, have: 0, ahead: 0 });
  });

  it('says again what it owes when the store may not have heard it, and never what it gives', () => {
    const lease = leaseWith(0);
    lease.giveBack(-5);
    const owed = lease.ask([1], 0);
    lease.lost(owed);
    expect(lease.ask([1], 0).back).toBe(-5);
    lease.giveBack(5);
    lease.lost(lease.ask([1], 0));
    expect(lease.ask([1], 0).back).toBe(0);
  });

  it('keeps ahead one and a half times what was used in this or in the last quarter of a second', () => {
    const lease = leaseWith(1_000);
    for (let call = 0; call < 100; call += 1) lease.take(1, 0);
    expect(lease.ask([1], 0).ahead).toBe(150);
    expect(lease.ask([1], 249).ahead).toBe(150);
    // A new measure begins: the one before counts.
    expect(lease.ask([1], 250).ahead).toBe(150);
    lease.take(1, 300);
    expect(lease.ask([1], 499).ahead).toBe(150);
    expect(lease.ask([1], 500).ahead).toBe(2);
    for (let call = 0; call < 100; call += 1) lease.take(1, 510);
    // What lies two measures back counts no more, but for one call.
    expect(lease.ask([1], 1_000).ahead).toBe(1);
  });

  it('keeps ahead what one more call needs, for two seconds after the last one', () => {
    const lease = leaseWith(100);
    lease.take(40, 5_000);
    expect(lease.ask([], 7_000)).toMatchObject({ back: 20, have: 40, ahead: 0 });
    expect(lease.ask([], 7_001)).toMatchObject({ back: 40, have: 0, ahead: 0 });
  });

  it('asks for what it lacks to that beyond what it keeps, and beyond all that it has where calls wait', () => {
    const lease = leaseWith(30);
    lease.take(20, 0);
    expect(lease.ask([], 0)).toMatchObject({ back: 0, have: 10, ahead: 20 });
    expect(lease.ask([25], 0)).toMatchObject({ back: 0, have: 10, needs: [25], ahead: 30 });
  });

  it('keeps no more ahead than a tenth of the limit, and nothing where a single call needs more than that', () => {
    const lease = leaseWith(5_000);
    for (let call = 0; call < 5; call += 1) lease.take(600, 0);
    expect(lease.ask([1], 0).ahead).toBe(600);
    lease.take(601, 0);
    expect(lease.ask([1], 0).ahead).toBe(0);
  });

  it('keeps nothing ahead of a limit below fifty', () => {
    const [low, high] = [49, 50].map((most) => leaseWith(10, 0, {}, limitOf('requests', most)));
    for (const lease of [low, high]) lease?.take(4, 0);
    expect([low?.ask([1], 0).ahead, high?.ask([1], 0).ahead]).toEqual([0, 5]);
    expect([low?.ask([], 0).back, high?.ask([], 0).back]).toEqual([6, 1]);
  });

  it('gives all back that it does not use when units are short, once no call waits for them', () => {
    const lease = leaseWith(30, 0, { isShort: true });
    lease.take(10, 0);
    expect(lease.ask([1], 0)).toMatchObject({ back: 0, have: 20 });
    expect(lease.ask([], 0)).toMatchObject({ back: 20, have: 0 });
  });

  it('gives back what has come for calls that went without it', () => {
    const lease = leaseWith(0);
    const ask = lease.ask([4, 5, 6], 0);
    lease.told(answerOf({ granted: 12, fits: 2 }), ask, 0);
    lease.take(4, 0);
    lease.settle();
    expect([lease.has(3, 0), lease.has(4, 0), lease.ask([1], 0).back]).toEqual([true, false, 5]);
    lease.settle();
    expect(lease.ask([1], 0)).toMatchObject({ back: 0, have: 3 });
  });

  it('settles nothing where it has less than the store takes it to have', () => {
    const lease = leaseWith(10);
    lease.take(4, 0);
    lease.settle();
    expect([lease.has(6, 0), lease.ask([1], 0).back]).toEqual([true, 0]);
  });

  it('counts what it kept when it asked among what the store knows of', () => {
    const lease = leaseWith(10);
    const ask = lease.ask([3], 0);
    expect(ask.have).toBe(10);
    lease.told(answerOf({ granted: 3, fits: 1 }), ask, 0);
    lease.settle();
    expect([lease.has(10, 0), lease.has(11, 0)]).toEqual([true, false]);
  });

  it('tells a limit that has changed from one that has not: what was held of the former goes back', () => {
    const lease = leaseWith(10);
    lease.follow({ ...limit, most: 600, epoch: 0 });
    expect([lease.limit.most, lease.has(10, 0)]).toEqual([6_000, true]);
    lease.follow({ ...limit, epoch: 2 });
    expect([lease.limit.epoch, lease.has(10, 0)]).toEqual([2, true]);
    lease.follow({ ...limit, most: 600, epoch: 2 });
    expect([lease.limit.most, lease.has(1, 0)]).toEqual([600, false]);
    lease.settle();
    expect(lease.ask([1], 0)).toMatchObject({ back: 10, have: 0, most: 600, epoch: 2 });
  });

  it('tells what is left as the store said it, with what has come back since and what it holds itself', () => {
    const lease = leaseWith(100, 0, { left: 1_000 });
    expect(lease.state(0)).toEqual({ limit, left: 1_100, fullInMs: 49_000 });
    expect(lease.state(1_005)).toEqual({ limit, left: 1_200, fullInMs: 48_000 });
    expect(lease.state(60_000)).toEqual({ limit, left: 6_000, fullInMs: 0 });
    expect(leaseWith(0, 0, { left: -50 }).state(0)).toEqual({ limit, left: 0, fullInMs: 60_000 });
    const none = limitOf('requests', 0);
    expect(leaseWith(0, 0, { left: 0 }, none).state(0)).toEqual({ limit: none, left: 0, fullInMs: 0 });
    expect(new RateLease(none).state(5)).toEqual({ limit: none, left: 0, fullInMs: 0 });
    expect(leaseWith(0, 9_000, { left: 1_000 }).state(9_000).left).toBe(1_000);
  });

  it('tells when what is missing will have come back', () => {
    const lease = leaseWith(10, 0, { left: 20 });
    expect(lease.refusal(50, 0)).toEqual({ limit, need: 50, left: 30, waitMs: 200 });
    expect(lease.refusal(50, 100)).toEqual({ limit, need: 50, left: 40, waitMs: 100 });
    // What others have taken is not there, though it looks so.
    expect(lease.refusal(20, 0)).toEqual({ limit, need: 20, left: 20, waitMs: 1 });
    expect(lease.refusal(6_000, 0).waitMs).toBe(59_700);
    expect(lease.refusal(6_001, 0).waitMs).toBeNull();
  });

  it('waits for other processes where the store has enough for one but not for all', () => {
    const lease = leaseWith(0, 0, { left: 5.5, waitMs: 300 });
    expect([lease.finalMs(5, 10), lease.finalMs(6, 10)]).toEqual([11, 300]);
  });

  it('presses where it has less than half of what it keeps ahead', () => {
    const lease = leaseWith(100);
    lease.take(20, 0);
    expect(lease.isPressing(0)).toBe(false);
    lease.take(66, 0);
    expect([lease.ask([1], 0).ahead, lease.isPressing(0)]).toEqual([129, true]);
    const half = leaseWith(21);
    for (const units of [2, 4, 6]) half.take(units, 0);
    expect([half.ask([1], 0).ahead, half.ask([1], 0).have, half.isPressing(0)]).toEqual([18, 9, false]);
    half.take(1, 0);
    expect([half.ask([1], 0).ahead, half.ask([1], 0).have, half.isPressing(0)]).toEqual([20, 8, true]);
    const lowest = leaseWith(10, 0, {}, limitOf('requests', 50));
    lowest.take(4, 0);
    lowest.giveBack(1);
    expect(lowest.isPressing(0)).toBe(false);
  });

  it.each([
    ['below fifty', 49, {}],
    ['that is short', 6_000, { isShort: true }],
    ['of which a tenth is left', 6_000, { left: 600 }],
  ])('presses with what goes back of a limit %s, which somebody waits for', (_, most, said) => {
    const lease = leaseWith(10, 0, said, limitOf('requests', most));
    lease.take(10, 0);
    expect(lease.isPressing(0)).toBe(false);
    lease.giveBack(1);
    expect(lease.isPressing(0)).toBe(true);
  });

  it('has nothing to tell of a scarce limit of which it holds nothing', () => {
    const scarce = leaseWith(10, 0, { left: 600 });
    const plenty = leaseWith(10, 0, { left: 601 });
    for (const lease of [scarce, plenty]) lease.take(10, 0);
    expect([scarce.isDue(0), plenty.isDue(0), plenty.isDue(2_001)]).toEqual([false, true, false]);
  });

  it('loses nothing and makes nothing: what it tells at last is what it was granted less what was used', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('take' as const), units: fc.integer({ min: 0, max: 400 }) }),
      fc.record({ do: fc.constant('give' as const), units: fc.integer({ min: -50, max: 50 }) }),
      fc.record({ do: fc.constant('ask' as const), needs: fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 3 }) }),
      fc.record({ do: fc.constant('lower' as const), most: fc.constantFrom(6_000, 600, 40) }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 100, 300, 3_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, isShort) => {
        const lease = new RateLease(limit);
        let [nowMs, epoch, balance] = [0, 1, 0];
        for (const one of steps) {
          if (one.do === 'wait') nowMs += one.ms;
          else if (one.do === 'lower') lease.follow({ ...limit, most: one.most, epoch: (epoch += 1) });
          else if (one.do === 'give') {
            lease.giveBack(one.units);
            balance += one.units;
          } else if (one.do === 'take') {
            if (!lease.has(one.units, nowMs)) continue;
            lease.take(one.units, nowMs);
            balance -= one.units;
          } else {
            const ask = lease.ask(one.needs, nowMs);
            expect(ask.have).toBeGreaterThanOrEqual(0);
            expect(ask.ahead).toBeLessThanOrEqual(lease.limit.most / 10);
            const granted = one.needs.reduce((sum, need) => sum + need, ask.ahead);
            balance += granted - ask.back;
            lease.told(answerOf({ granted, fits: one.needs.length, isShort }), ask, nowMs);
            lease.settle();
          }
        }
        expect(toldAtLast(lease, nowMs)).toBe(balance);
        expect([lease.has(1, nowMs), lease.isIdle(nowMs)]).toEqual([false, true]);
      }),
    );
  });
});

describe('a lease of a rate whose store is away', () => {
  it('has its part of what was left, and of what comes back', () => {
    const lease = leaseWith(10, 0, { left: 1_000 });
    lease.goAlone(4, 0);
    expect([lease.has(260, 0), lease.has(261, 0)]).toEqual([true, false]);
    // 1500 a minute are its share.
    expect([lease.has(285, 1_000), lease.has(286, 1_000)]).toEqual([true, false]);
    expect([lease.has(1_510, 600_000), lease.has(1_511, 600_000)]).toEqual([true, false]);
    expect(lease.state(0).left).toBe(260);
    expect(lease.isDue(0)).toBe(true);
  });

  it('has what is left when the store goes, and what comes back from then on', () => {
    const lease = leaseWith(0, 0, { left: 1_000 });
    lease.goAlone(1, 1_000);
    expect([lease.has(1_100, 1_000), lease.has(1_101, 1_000), lease.has(1_101, 1_010)]).toEqual([true, false, true]);
  });

  it('has nothing of what was owed', () => {
    const lease = leaseWith(0, 0, { left: -100 });
    lease.goAlone(2, 0);
    expect([lease.has(0, 0), lease.has(1, 0), lease.has(1, 20)]).toEqual([true, false, true]);
  });

  it('takes what it holds first, tells the store of the rest when that is back, and is not forgotten before', () => {
    const lease = leaseWith(10, 0, { left: 1_000 });
    lease.goAlone(1, 0);
    lease.take(110, 0);
    expect([lease.has(900, 0), lease.has(901, 0)]).toEqual([true, false]);
    expect([lease.has(901, 10), lease.isIdle(0)]).toEqual([true, false]);
    // It is told anew how many processes there are; what is spent stays spent.
    lease.goAlone(2, 0);
    expect([lease.has(900, 0), lease.has(901, 0)]).toEqual([true, false]);
    const ask = lease.ask([], 0);
    expect(ask.back).toBe(-100);
    expect(lease.isIdle(0)).toBe(false);
    lease.told(answerOf({ left: 0 }), ask, 0);
    expect([lease.has(1, 0), lease.isIdle(0)]).toEqual([false, true]);
  });

  it('is forgotten once its share is full again', () => {
    const lease = leaseWith(0, 0, { left: 5_900 });
    lease.goAlone(2, 0);
    expect([lease.isIdle(999), lease.isIdle(1_000)]).toEqual([false, true]);
  });

  it('starts with its part of the whole where it knows nothing', () => {
    const lease = new RateLease(limit);
    lease.goAlone(3, 50);
    expect([lease.has(2_000, 50), lease.has(2_001, 50), lease.state(50).left]).toEqual([true, false, 2_000]);
  });
});
