import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { standingOf } from './budget-standing.js';

const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const percents = fc.integer({ min: 1, max: 100 });

describe('how a budget stands', () => {
  it('adds up to its amount while no more is taken than it has', () => {
    fc.assert(
      fc.property(
        whole,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (amount, a, b) => {
          const spent = Math.floor(amount * a);
          const reserved = Math.floor((amount - spent) * b);
          const { left } = standingOf({ amount, softPercent: null }, { spent, assumed: 0, reserved });
          expect(left + spent + reserved).toBe(amount);
        },
      ),
    );
  });

  it('is never below nothing', () => {
    fc.assert(
      fc.property(whole, whole, whole, (amount, spent, reserved) => {
        expect(standingOf({ amount, softPercent: null }, { spent, assumed: 0, reserved }).left).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('is past its soft threshold from exactly that part of the amount on, and used up from all of it on', () => {
    fc.assert(
      fc.property(whole, percents, (amount, softPercent) => {
        const least = Number((BigInt(amount) * BigInt(softPercent) + 99n) / 100n);
        const at = (spent: number) => standingOf({ amount, softPercent }, { spent, assumed: 0, reserved: 0 });
        expect([at(least).isSoftReached, at(amount).isUsedUp]).toEqual([true, true]);
        if (least > 0) expect(at(least - 1).isSoftReached).toBe(false);
        if (amount > 0) expect(at(amount - 1).isUsedUp).toBe(false);
      }),
    );
  });

  it('has no soft threshold where none is set, and what is reserved is not spent', () => {
    expect(standingOf({ amount: 10, softPercent: null }, { spent: 20, assumed: 0, reserved: 0 }).isSoftReached).toBe(false);
    expect(standingOf({ amount: 10, softPercent: 50 }, { spent: 4, assumed: 3, reserved: 6 })).toEqual({
      ...{ spent: 4, assumed: 3, reserved: 6, left: 0, isSoftReached: false, isUsedUp: false },
    });
  });
});
