import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ShareBudget } from './share-budget.js';

const total = 90;
const share = 30;

/** A budget of 90 bytes under a clock that stands until it is moved. */
function budgetOf(percent?: number): { budget: ShareBudget; wait: (ms: number) => void } {
  let now = 1_000;
  return { budget: new ShareBudget(total, percent, () => now), wait: (ms) => (now += ms) };
}

describe('ShareBudget', () => {
  it('lets one that is alone take two thirds and no more', () => {
    const { budget } = budgetOf();
    expect([budget.take('a', 60), budget.take('a', 1), budget.heldBytes]).toEqual([true, false, 60]);
  });

  it('refuses more to the one beyond its share as soon as another asks, and serves the other', () => {
    const { budget } = budgetOf();
    budget.take('a', 50);
    expect([budget.take('b', 5), budget.take('a', 1), budget.take('b', 25)]).toEqual([true, false, true]);
  });

  it('remembers for five seconds that another asked, then lets the one alone take more again', () => {
    const { budget, wait } = budgetOf();
    budget.take('b', 1);
    budget.giveBack('b', 1);
    wait(4_999);
    expect(budget.take('a', 31)).toBe(false);
    wait(1);
    expect(budget.take('a', 31)).toBe(true);
  });

  it('has no shares where the share is the whole', () => {
    const { budget } = budgetOf(100);
    expect([budget.take('a', 80), budget.take('b', 10), budget.take('b', 1)]).toEqual([true, true, false]);
  });

  it('keeps a share free for others, whatever the share is', () => {
    const percents = fc.integer({ min: 1, max: 99 });
    fc.assert(
      fc.property(percents, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (percent, pieces) => {
        const { budget } = budgetOf(percent);
        for (const bytes of [...pieces, ...Array.from({ length: total }, () => 1)]) budget.take('a', bytes);
        const own = Math.max(1, Math.round((total * percent) / 100));
        expect(budget.take('b', Math.min(own, total - own))).toBe(true);
      }),
    );
  });

  it('keeps its rule whatever happens', () => {
    const step = fc.record({
      holder: fc.constantFrom('a', 'b', 'c', 'd'),
      bytes: fc.integer({ min: 0, max: 70 }),
      back: fc.boolean(),
      waitMs: fc.constantFrom(0, 0, 0, 2_000, 6_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { budget, wait } = budgetOf();
        const held = new Map<string, number>();
        const askedAt = new Map<string, number>();
        let now = 0;
        for (const { holder, bytes, back, waitMs } of steps) {
          wait(waitMs);
          now += waitMs;
          const own = held.get(holder) ?? 0;
          if (back) {
            budget.giveBack(holder, Math.min(bytes, own));
            held.set(holder, own - Math.min(bytes, own));
            continue;
          }
          const others = [...held].filter(([name]) => name !== holder).map(([, each]) => each);
          const othersBytes = others.reduce((sum, each) => sum + each, 0);
          const isWanted = othersBytes > 0 || [...askedAt].some(([name, at]) => name !== holder && now - at < 5_000);
          const isGranted = budget.take(holder, bytes);
          askedAt.set(holder, now);
          if (own + bytes > share) expect(isGranted).toBe(!isWanted && own + bytes <= total - share);
          else expect(isGranted).toBe(own + othersBytes + bytes <= total);
          // Who is within its share is never refused for what one other has heaped up.
          if (!isGranted && own + bytes <= share) {
            const within = othersBytes - Math.max(0, ...others.filter((each) => each > share));
            expect(own + within + bytes).toBeGreaterThan(share);
          }
          if (isGranted) held.set(holder, own + bytes);
          const all = [...held.values()];
          expect(all.filter((each) => each > share).length).toBeLessThanOrEqual(1);
          expect(budget.heldBytes).toBe(all.reduce((sum, each) => sum + each, 0));
          expect(budget.heldBytes).toBeLessThanOrEqual(total);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
