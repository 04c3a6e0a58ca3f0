import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerOf, limitOf } from '../../../test/support/leases.js';
import type { LimitAnswer } from '../../platform/limits/limit-store.js';
import { ParallelLease } from './parallel-lease.js';

const limit = limitOf('parallel', 100);

/** A lease that has these places, all of them free. */
function leaseWith(granted: number, more: Partial<LimitAnswer> = {}, of = limit): ParallelLease {
  const lease = new ParallelLease(of);
  const ask = lease.ask([], 0);
  lease.told(answerOf({ granted, left: of.most - granted, ...more }), ask, 0);
  return lease;
}

/** The places that it keeps free, or wants to. */
function keptFree(lease: ParallelLease, inUse: number, nowMs: number): number {
  const { have, ahead } = lease.ask([], nowMs);
  return have + ahead - inUse;
}

describe('a lease of places', () => {
  it('has none before the store has given some', () => {
    const lease = new ParallelLease(limit);
    expect([lease.has(0), lease.has(1), lease.isIdle(), lease.isDue(0)]).toEqual([true, false, true, true]);
    expect(lease.state()).toEqual({ limit, left: 100, fullInMs: 0 });
    expect(lease.ask([1], 0)).toEqual({
      id: limit.id,
      unit: 'parallel',
      most: 100,
      epoch: 1,
      back: 0,
      have: 0,
      needs: [1],
      ahead: 0,
    });
  });

  it('has as many as it was granted, and again those that are given back', () => {
    const lease = leaseWith(3);
    expect([lease.has(3), lease.has(4), lease.isIdle()]).toEqual([true, false, false]);
    lease.take(2, 0);
    expect([lease.has(1), lease.has(2), lease.state().left]).toEqual([true, false, 98]);
    lease.giveBack(1);
    expect([lease.has(2), lease.has(3), lease.state().left]).toEqual([true, false, 99]);
  });

  it('says all that it holds; where calls wait, what it does not use is theirs', () => {
    const lease = leaseWith(5);
    lease.take(2, 0);
    expect(lease.ask([1], 0).have).toBe(2);
    const other = leaseWith(5);
    other.take(2, 0);
    expect(other.ask([], 0)).toMatchObject({ back: 0, have: 4, ahead: 0 });
  });

  it('keeps free a quarter more than were in use at once in this or in the last second, and one', () => {
    const lease = leaseWith(8);
    lease.take(7, 0);
    lease.giveBack(7);
    for (const nowMs of [0, 999, 1_000, 1_999]) expect([nowMs, keptFree(lease, 0, nowMs)]).toEqual([nowMs, 10]);
    expect(keptFree(lease, 0, 2_000)).toBe(1);
  });

  it('counts those that are in use among them', () => {
    const lease = leaseWith(8);
    lease.take(7, 0);
    lease.giveBack(3);
    expect(keptFree(lease, 4, 0)).toBe(6);
  });

  it('forgets at once what lies two seconds back, but for what is in use', () => {
    const [idle, busy, former] = [leaseWith(4), leaseWith(4), leaseWith(4)];
    for (const lease of [idle, busy, former]) lease.take(4, 0);
    former.giveBack(4);
    former.take(1, 2_000);
    expect(keptFree(former, 1, 2_000)).toBe(2);
    idle.giveBack(4);
    idle.take(1, 1_999);
    expect(keptFree(idle, 1, 1_999)).toBe(5);
    expect(keptFree(busy, 4, 2_000)).toBe(2);
  });

  it('keeps free no more than a tenth of the limit, and at least one', () => {
    const lease = leaseWith(60);
    lease.take(60, 0);
    expect(keptFree(lease, 60, 0)).toBe(10);
    const odd = leaseWith(40, {}, limitOf('parallel', 59));
    odd.take(40, 0);
    expect(keptFree(odd, 40, 0)).toBe(5);
    const many = leaseWith(60);
    many.take(10, 0);
    many.take(50, 1_100);
    many.take(0, 2_200);
    expect(keptFree(many, 60, 3_300)).toBe(10);
  });

  it('keeps none free two seconds after the last use', () => {
    const lease = leaseWith(9);
    lease.take(1, 0);
    lease.giveBack(1);
    expect(lease.ask([], 2_000)).toMatchObject({ have: 1, ahead: 0 });
    expect(lease.ask([], 2_001)).toMatchObject({ have: 0, ahead: 0 });
  });

  it('keeps none free of a limit below fifty, and of one that is short', () => {
    const low = leaseWith(9, {}, limitOf('parallel', 49));
    const high = leaseWith(9, {}, limitOf('parallel', 50));
    const short = leaseWith(9, { isShort: true });
    for (const lease of [low, high, short]) lease.take(4, 0);
    expect(low.ask([], 0)).toMatchObject({ have: 4, ahead: 0 });
    expect(high.ask([], 0)).toMatchObject({ have: 6, ahead: 0 });
    expect(short.ask([], 0)).toMatchObject({ have: 4, ahead: 2 });
  });

  it('asks for the free places that it lacks', () => {
    const lease = leaseWith(5);
    lease.take(4, 0);
    expect(lease.ask([], 0)).toMatchObject({ have: 5, ahead: 1 });
  });

  it('is heard of as long as it holds places, and whenever it holds free ones', () => {
    const lease = leaseWith(1);
    expect(lease.isDue(0)).toBe(true);
    lease.take(1, 0);
    lease.told(answerOf({ granted: 1 }), lease.ask([1], 0), 0);
    lease.take(1, 0);
    lease.giveBack(1);
    expect(lease.isDue(0)).toBe(true);
    const scarce = leaseWith(1, { left: 10 });
    scarce.take(1, 0);
    expect([scarce.isDue(1_250), scarce.isDue(1_251)]).toEqual([false, true]);
    expect(leaseWith(0, { left: 10 }).isDue(9_000)).toBe(false);
    scarce.ask([1], 1_300);
    expect([scarce.isDue(2_550), scarce.isDue(2_551)]).toEqual([false, true]);
  });

  it('presses where it has no free place left, or where its free place is for somebody else', () => {
    const plenty = leaseWith(2, { left: 11 });
    expect([plenty.isPressing(), leaseWith(2, {}, limitOf('parallel', 50)).isPressing()]).toEqual([false, false]);
    plenty.take(2, 0);
    expect([plenty.isPressing(), plenty.isDue(0)]).toEqual([true, true]);
    for (const scarce of [
      leaseWith(2, { left: 10 }),
      leaseWith(2, { isShort: true }),
      leaseWith(2, {}, limitOf('parallel', 49)),
    ]) {
      expect(scarce.isPressing()).toBe(true);
      scarce.take(2, 0);
      expect(scarce.isPressing()).toBe(false);
    }
  });

  it('tells what is free in the store and here, within the limit', () => {
    const lease = leaseWith(5, { left: 20.5 });
    lease.take(2, 0);
    expect(lease.state()).toEqual({ limit, left: 23, fullInMs: 0 });
    expect(leaseWith(0, { left: -3 }).state().left).toBe(0);
    expect(leaseWith(5, { left: 99 }).state().left).toBe(100);
  });

  it('lets a refused call try again after a second, and one that never fits not at all', () => {
    const lease = leaseWith(0);
    expect(lease.refusal(100)).toEqual({ limit, need: 100, left: 0, waitMs: 1_000 });
    expect(lease.refusal(101)).toEqual({ limit, need: 101, left: 0, waitMs: null });
  });

  it('gives up its free places, and no other, when the limit changes', () => {
    const lease = leaseWith(5);
    lease.take(2, 0);
    lease.follow({ ...limit, most: 60, epoch: 2 });
    expect([lease.has(0), lease.has(1), lease.ask([1], 0).have]).toEqual([true, false, 2]);
  });

  it('keeps what it holds when the store has not answered, and asks of nobody to be settled', () => {
    const lease = leaseWith(5);
    lease.lost();
    lease.settle();
    expect(lease.has(5)).toBe(true);
  });

  it('may use the whole limit while the store is away, and says so when it is back', () => {
    const lease = leaseWith(2);
    lease.take(2, 0);
    lease.goAlone(3, 0);
    expect([lease.has(98), lease.has(99), lease.state().left, lease.isDue(0)]).toEqual([true, false, 98, true]);
    lease.take(50, 0);
    expect([lease.state().left, lease.isIdle()]).toEqual([48, false]);
    const ask = lease.ask([], 0);
    expect(ask.have).toBe(52);
    lease.told(answerOf({ left: 48 }), ask, 0);
    expect([lease.has(0), lease.has(1), lease.state().left]).toEqual([true, false, 48]);
  });

  it('counts by itself while the store is away, whatever that said before', () => {
    const lease = leaseWith(0, { left: 10 });
    lease.goAlone(2, 0);
    expect([lease.state().left, lease.isDue(0), lease.isIdle()]).toEqual([100, true, true]);
    lease.take(1, 0);
    expect([lease.state().left, lease.isIdle()]).toEqual([99, false]);
  });

  it('keeps its own places while the store is away, though the limit is lower now', () => {
    const lease = leaseWith(5);
    lease.take(5, 0);
    lease.follow({ ...limit, most: 2, epoch: 2 });
    lease.goAlone(1, 0);
    lease.giveBack(1);
    expect([lease.has(1), lease.has(2)]).toEqual([true, false]);
  });

  it('has no more in use than it says that it holds, whatever happens', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('take' as const, 'give' as const), units: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constant('ask' as const), units: fc.nat({ max: 5 }) }),
      fc.record({ do: fc.constant('wait' as const), units: fc.constantFrom(10, 1_100, 2_500) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, isShort) => {
        const lease = new ParallelLease(limit);
        let [inUse, held, nowMs] = [0, 0, 0];
        for (const { do: what, units } of steps) {
          if (what === 'wait') nowMs += units;
          else if (what === 'give') {
            const back = Math.min(units, inUse);
            lease.giveBack(back);
            inUse -= back;
          } else if (what === 'take') {
            expect(lease.has(units)).toBe(inUse + units <= held);
            if (!lease.has(units)) continue;
            lease.take(units, nowMs);
            inUse += units;
          } else {
            const ask = lease.ask(units === 0 ? [] : [units], nowMs);
            expect(ask.have).toBeGreaterThanOrEqual(inUse);
            expect(ask.have).toBeLessThanOrEqual(held);
            expect(ask.have - inUse + ask.ahead).toBeLessThanOrEqual(10);
            held = ask.have + units;
            lease.told(answerOf({ granted: units, fits: 1, isShort }), ask, nowMs);
          }
        }
        expect(lease.isIdle()).toBe(held === 0 && inUse === 0);
      }),
    );
  });
});
