import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BudgetAnswer, BudgetAsk } from '../../platform/budgets/budget-store.js';
import { BudgetLease } from './budget-lease.js';
import type { BudgetLimit } from './budget-limit.js';

const limit: BudgetLimit = {
  id: 'ten_a/bud_1/0/journal',
  tenantId: 'ten_a',
  budgetId: 'bud_1',
  owner: 'key',
  window: 'total',
  currency: 'USD',
  most: 1_000,
  epoch: 1,
  startsAtMs: 0,
  endsAtMs: null,
};

const answerOf = (more: Partial<BudgetAnswer> = {}): BudgetAnswer => ({
  ...{ granted: 0, fits: 0, left: 1_000, isShort: false, waitMs: 0, later: 1_000, isGone: false },
  ...more,
});

/** A lease that has so many units free. */
function leaseWith(granted: number, more: Partial<BudgetAnswer> = {}, of = limit): BudgetLease {
  const lease = new BudgetLease(of);
  lease.told(answerOf({ granted, left: of.most - granted, ...more }), lease.ask([], 0), 0);
  return lease;
}

describe('a slice of a budget', () => {
  it('has nothing before the store has given something, and names itself in each ask', () => {
    const lease = new BudgetLease(limit);
    expect([lease.has(0), lease.has(1), lease.state().left, lease.isIdle(0), lease.isDue(0)]).toEqual([
      ...[true, false, 1_000, true, false],
    ]);
    const named = { id: limit.id, tenantId: 'ten_a', budgetId: 'bud_1', startsAtMs: 0, endsAtMs: null, sliceId: lease.sliceId };
    const nothing = { have: 0, free: 0, reserved: 0, ahead: 0 };
    expect(lease.ask([7], 0)).toEqual({ ...named, ...nothing, turn: 1, needs: [7] });
    expect(lease.ask([], 0)).toEqual({ ...named, ...nothing, turn: 2, needs: [] });
    expect(new BudgetLease(limit).sliceId).not.toBe(lease.sliceId);
    expect(lease.claimHead).toBe(`${lease.sliceId}:bud_1:0::`);
  });

  it('holds what is free, what is reserved for calls that run, and what they spent', () => {
    const lease = leaseWith(100);
    expect([lease.has(100), lease.has(101)]).toEqual([true, false]);
    lease.take(60, 0);
    expect([lease.has(40), lease.has(41), lease.state().left]).toEqual([true, false, 940]);
    expect(lease.ask([1], 0)).toMatchObject({ have: 100, free: 40, reserved: 60 });
    lease.spend(60, 25);
    expect([lease.has(75), lease.has(76)]).toEqual([true, false]);
    expect(lease.ask([1], 0)).toMatchObject({ have: 100, free: 75, reserved: 0 });
    lease.take(10, 0);
    lease.giveBack(10);
    expect(lease.ask([1], 0)).toMatchObject({ have: 100, free: 75, reserved: 0 });
  });

  it('takes what a call spent beyond its reservation from what is free, and from the budget where that is too little', () => {
    const lease = leaseWith(30);
    lease.take(20, 0);
    lease.spend(20, 45);
    expect([lease.has(0), lease.state().left]).toEqual([false, 955]);
    expect(lease.ask([1], 0)).toMatchObject({ have: 45, free: 0, reserved: 0 });
    expect([lease.has(0), lease.has(1)]).toEqual([true, false]);
  });

  it('keeps what it needs ahead and gives the rest back; all of it while units are short', () => {
    const lease = leaseWith(100);
    lease.take(20, 0);
    expect(lease.ask([], 0)).toMatchObject({ have: 50, free: 30, reserved: 20, ahead: 0 });
    const short = leaseWith(100, { isShort: true });
    short.take(20, 0);
    expect(short.ask([5], 0)).toMatchObject({ free: 80, ahead: 30 });
    expect(short.ask([], 0)).toMatchObject({ have: 20, free: 0 });
    lease.surrender();
    expect(lease.ask([], 0)).toMatchObject({ have: 20, free: 0, ahead: 0 });
  });

  it('asks for what it lacks to what it keeps ahead: one and a half times what this or the last quarter of a second used', () => {
    const lease = leaseWith(100);
    for (let call = 0; call < 20; call += 1) lease.take(2, 3_000);
    expect(lease.ask([], 3_000)).toMatchObject({ free: 60, ahead: 0 });
    lease.take(50, 3_000);
    expect([lease.ask([], 3_000).ahead, lease.ask([1], 3_000).ahead]).toEqual([90, 100]);
    expect([lease.ask([1], 3_249).ahead, lease.ask([1], 3_250).ahead, lease.ask([1], 3_499).ahead]).toEqual([100, 100, 100]);
    expect(lease.ask([1], 3_500).ahead).toBe(50);
    expect([lease.ask([1], 5_000).ahead, lease.ask([1], 5_001).ahead]).toEqual([50, 0]);
  });

  it('forgets what lies two measures back', () => {
    const [busy, idle] = [leaseWith(100), leaseWith(100)];
    for (const lease of [busy, idle]) for (let call = 0; call < 20; call += 1) lease.take(2, 1_000);
    expect([busy.ask([1], 1_499).ahead, idle.ask([1], 1_500).ahead]).toEqual([60, 2]);
  });

  it('keeps no more ahead than a tenth of the budget, and nothing where a call needs more than that', () => {
    const lease = leaseWith(1_000);
    for (let call = 0; call < 3; call += 1) lease.take(100, 0);
    expect(lease.ask([1], 0).ahead).toBe(100);
    lease.take(101, 0);
    expect(lease.ask([1], 0).ahead).toBe(0);
    const odd = leaseWith(50, {}, { ...limit, most: 59 });
    odd.take(5, 0);
    expect(odd.ask([1], 0).ahead).toBe(5);
  });

  it('has something to tell while the store does not know what it holds', () => {
    const lease = leaseWith(10, { left: 100 });
    lease.ask([1], 0);
    lease.take(10, 0);
    // Held as before, but reserved.
    expect(lease.isDue(0)).toBe(true);
    lease.ask([], 0);
    expect(lease.isDue(0)).toBe(false);
    lease.spend(10, 15);
    expect(lease.isDue(0)).toBe(true);
    lease.ask([], 0);
    expect(lease.isDue(0)).toBe(false);
    lease.lost();
    expect([lease.isDue(0), lease.isIdle(100_000)]).toEqual([true, false]);
    lease.told(answerOf({ left: 100 }), lease.ask([], 0), 0);
    expect(lease.isDue(0)).toBe(false);
    lease.goAlone(1, 0);
    expect(lease.isDue(0)).toBe(true);
  });

  it('has something to tell where a call spent what the store takes to be free', () => {
    const lease = leaseWith(5, { left: 100 });
    lease.take(5, 0);
    lease.spend(5, 5);
    expect(lease.isDue(0)).toBe(true);
    lease.told(answerOf({ left: 100 }), lease.ask([], 0), 0);
    expect(lease.isDue(0)).toBe(false);
  });

  it('has something to tell while it holds units that it does not use, or should hold some', () => {
    const lease = leaseWith(10, { left: 101 });
    expect(lease.isDue(0)).toBe(true);
    lease.take(10, 0);
    lease.ask([], 0);
    expect([lease.isDue(2_000), lease.isDue(2_001)]).toEqual([true, false]);
  });

  it('presses where it has less than half of what it keeps ahead, or something free of a scarce budget', () => {
    const lease = leaseWith(21, { left: 101 });
    for (const units of [2, 4, 6]) lease.take(units, 0);
    expect([lease.ask([1], 0).ahead, lease.isPressing(0)]).toEqual([18, false]);
    lease.take(1, 0);
    expect([lease.ask([1], 0).ahead, lease.isPressing(0)]).toEqual([20, true]);
    for (const scarce of [leaseWith(2, { left: 100 }), leaseWith(2, { isShort: true })]) {
      expect(scarce.isPressing(0)).toBe(true);
      scarce.take(2, 0);
      expect(scarce.isPressing(0)).toBe(false);
    }
  });

  it('has something to tell when a call is over that the store knows to be reserved', () => {
    const lease = new BudgetLease(limit);
    lease.told(answerOf({ granted: 10, fits: 1 }), lease.ask([10], 0), 0);
    lease.take(10, 0);
    expect(lease.isDue(3_000)).toBe(false);
    lease.spend(10, 10);
    expect(lease.isDue(3_000)).toBe(true);
  });

  it('is forgotten a minute after its last use, when the store knows that it holds nothing but what was spent', () => {
    const lease = leaseWith(10);
    lease.take(10, 0);
    lease.ask([], 0);
    expect(lease.isIdle(100_000)).toBe(false);
    lease.spend(10, 10);
    lease.ask([], 3_000);
    expect([lease.isIdle(60_000), lease.isIdle(60_001)]).toEqual([false, true]);
    expect(leaseWith(10).isIdle(100_000)).toBe(false);
  });

  it('gives back what has come for calls that went without it', () => {
    const lease = leaseWith(0);
    lease.take(0, 0);
    lease.told(answerOf({ granted: 12, fits: 2 }), lease.ask([4, 5, 6], 0), 0);
    lease.take(4, 0);
    lease.settle();
    expect([lease.has(3), lease.has(4)]).toEqual([true, false]);
    lease.take(3, 0);
    lease.settle();
    expect(lease.has(0)).toBe(true);
    expect(lease.ask([1], 0)).toMatchObject({ have: 7, free: 0, reserved: 7 });
  });

  it('keeps what it had when it asked, once the waiting calls are served', () => {
    const lease = leaseWith(10);
    lease.told(answerOf({ granted: 3, fits: 1 }), lease.ask([3], 0), 0);
    lease.settle();
    expect([lease.has(10), lease.has(11)]).toEqual([true, false]);
  });

  it('has nothing free any more when somebody took its process for dead, and holds what runs', () => {
    const lease = leaseWith(10);
    lease.take(6, 0);
    const ask = lease.ask([3], 0);
    lease.take(1, 0);
    lease.told(answerOf({ granted: 3, fits: 1, isGone: true, left: 100 }), ask, 0);
    expect([lease.has(3), lease.has(4), lease.isDue(0)]).toEqual([true, false, true]);
    lease.take(3, 0);
    lease.settle();
    expect(lease.ask([1], 0)).toMatchObject({ have: 10, free: 0, reserved: 10 });
  });

  it('tells all again under a new name of its process', () => {
    const lease = leaseWith(10, { left: 100 });
    lease.take(10, 0);
    lease.ask([], 0);
    expect(lease.isDue(0)).toBe(false);
    lease.renamed();
    expect(lease.isDue(0)).toBe(true);
  });

  it('tells no more than a number tells exactly', () => {
    const lease = new BudgetLease(limit);
    for (let call = 0; call < 3; call += 1) lease.spend(0, Number.MAX_SAFE_INTEGER);
    expect(lease.ask([1], 0)).toMatchObject({ have: Number.MAX_SAFE_INTEGER, free: 0, reserved: 0 });
  });

  it('has told all that it holds when it hears that its slice is gone: what is reserved', () => {
    const lease = leaseWith(15, { left: 100 });
    lease.take(5, 0);
    const ask = lease.ask([1], 0);
    expect([ask.free, ask.reserved]).toEqual([10, 5]);
    lease.told(answerOf({ left: 100, isGone: true }), ask, 0);
    expect([lease.has(0), lease.has(1), lease.isDue(0)]).toEqual([true, false, false]);
    expect(lease.ask([1], 0)).toMatchObject({ have: 5, free: 0, reserved: 5 });
  });

  it('goes on with what it holds, and with nothing more, while the store is away or the amount changes', () => {
    const lease = leaseWith(10);
    lease.goAlone(1, 0);
    lease.follow({ ...limit, most: 5, epoch: 2 });
    expect([lease.has(10), lease.has(11), lease.limit.most, lease.state().left]).toEqual([true, false, 5, 5]);
  });

  it('gives nothing back while the store is away, however long nobody uses it, and then all', () => {
    const lease = leaseWith(10);
    lease.goAlone(1, 0);
    expect([lease.ask([], 10_000).free, lease.has(10)]).toEqual([10, true]);
    lease.told(answerOf(), lease.ask([], 20_000), 20_000);
    expect([lease.isDue(20_000), lease.ask([], 20_000).free]).toEqual([true, 0]);
  });

  it('tells what is left, and nothing below zero', () => {
    expect(leaseWith(10, { left: 50 }).state()).toEqual({ limit, left: 60, fullInMs: 0 });
    expect(leaseWith(0, { left: -50 }).state().left).toBe(0);
    expect(leaseWith(100, { left: 999 }).state().left).toBe(1_000);
  });

  it('refuses for good what would not fit even if all that is reserved were given back', () => {
    const lease = leaseWith(10, { left: 50, later: 300 });
    expect(lease.refusal(300)).toEqual({ limit, need: 300, left: 60, waitMs: 1_000 });
    expect(lease.refusal(301)).toEqual({ limit, need: 301, left: 60, waitMs: null });
    expect(lease.refusal(20)).toMatchObject({ left: 20, waitMs: 1_000 });
    const unasked = new BudgetLease(limit);
    expect([unasked.refusal(1_000).waitMs, unasked.refusal(1_001).waitMs]).toEqual([1_000, null]);
  });

  it('never lets processes hold more than the budget has, and the store knows at last exactly what was spent', () => {
    const step = fc.record({
      at: fc.nat({ max: 2 }),
      do: fc.constantFrom('take', 'take', 'spend', 'give', 'ask', 'ask', 'lose'),
      units: fc.integer({ min: 1, max: 90 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      waitMs: fc.constantFrom(0, 0, 100, 300, 3_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const store = new Store(limit.most);
        const leases = [0, 1, 2].map(() => ({ lease: new BudgetLease(limit), running: [] as number[], spent: 0 }));
        const exchange = (lease: BudgetLease, needs: number[], isLost: boolean, nowMs: number): void => {
          const ask = lease.ask(needs, nowMs);
          const answer = store.answer(ask);
          if (isLost) lease.lost();
          else lease.told(answer, ask, nowMs);
          lease.settle();
        };
        let nowMs = 0;
        for (const { at, do: what, units, part, waitMs } of steps) {
          const process = leases[at];
          if (process === undefined) continue;
          nowMs += waitMs;
          const { lease, running } = process;
          if (what === 'take' && lease.has(units)) {
            lease.take(units, nowMs);
            running.push(units);
          } else if (what === 'spend' || what === 'give') {
            const reserved = running.pop();
            if (reserved === undefined) continue;
            const taken = what === 'give' ? 0 : Math.round(reserved * part);
            if (what === 'give') lease.giveBack(reserved);
            else lease.spend(reserved, taken);
            process.spent += taken;
          } else if (what === 'ask' || what === 'lose') exchange(lease, units % 2 === 0 ? [units] : [], what === 'lose', nowMs);
          expect(store.held).toBeLessThanOrEqual(limit.most);
          const busy = leases.reduce((sum, one) => sum + one.spent + one.running.reduce((all, each) => all + each, 0), 0);
          expect(busy).toBeLessThanOrEqual(limit.most);
        }
        for (const { lease, running } of leases) {
          for (const reserved of running) lease.giveBack(reserved);
          lease.surrender();
          exchange(lease, [], false, nowMs);
        }
        expect(leases.map(({ lease }) => store.of(lease.sliceId))).toEqual(leases.map(({ spent }) => spent));
      }),
      { numRuns: 300 },
    );
  });
});

/** What the store does, in a few words: slices of an amount, each as large as its process says and what it was granted since. */
class Store {
  private readonly slices = new Map<string, number>();

  constructor(private readonly amount: number) {}

  get held(): number {
    return [...this.slices.values()].reduce((sum, each) => sum + each, 0);
  }

  of(sliceId: string): number {
    return this.slices.get(sliceId) ?? 0;
  }

  answer({ sliceId, have, needs, ahead }: BudgetAsk): BudgetAnswer {
    this.slices.set(sliceId, have);
    let [left, fits, granted] = [this.amount - this.held, 0, 0];
    for (const need of needs) {
      if (need > left) break;
      fits += 1;
      left -= need;
      granted += need;
    }
    const isShort = left < ahead;
    const more = isShort ? 0 : ahead;
    this.slices.set(sliceId, have + granted + more);
    return answerOf({ granted: granted + more, fits, left: left - more, isShort });
  }
}
