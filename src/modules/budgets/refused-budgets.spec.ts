import { describe, expect, it } from '@jest/globals';
import { RefusedBudgets } from './refused-budgets.js';

const refused = { tenantId: 'ten_a', budgetId: 'bud_1', startsAtMs: 5, endsAtMs: 9, most: 10 };

/** Those that are told once all that is noted is old enough. */
function told(budgets: RefusedBudgets): unknown[] {
  return [...budgets.take(), ...budgets.take()];
}

describe('budgets that have refused calls', () => {
  it('are told at the second look, so that what ended before is booked', () => {
    const budgets = new RefusedBudgets();
    budgets.add(refused);
    expect([budgets.take(), budgets.take(), budgets.take()]).toEqual([[], [refused], []]);
  });

  it('are noted once in a period for an amount, and again where it was raised', () => {
    const budgets = new RefusedBudgets();
    const others = [
      { ...refused, startsAtMs: 9 },
      { ...refused, budgetId: 'bud_2' },
      { ...refused, tenantId: 'ten_b' },
    ];
    for (const one of [refused, refused, { ...refused, most: 9 }, ...others]) budgets.add(one);
    expect(told(budgets)).toEqual([refused, ...others]);
    for (const one of [refused, ...others]) budgets.add(one);
    expect(told(budgets)).toEqual([]);
    budgets.add({ ...refused, most: 11 });
    expect(told(budgets)).toEqual([{ ...refused, most: 11 }]);
  });

  it('are noted again where they could not be told', () => {
    const budgets = new RefusedBudgets();
    budgets.add(refused);
    told(budgets);
    budgets.forget(refused);
    budgets.add(refused);
    expect(told(budgets)).toEqual([refused]);
  });

  it('are no more than ten thousand, however many refuse before anybody looks', () => {
    const budgets = new RefusedBudgets();
    for (let at = 0; at < 10_005; at += 1) budgets.add({ ...refused, budgetId: `bud_${at}` });
    expect(told(budgets)).toHaveLength(10_000);
    // Nothing is lost of a budget that goes on refusing.
    budgets.add({ ...refused, budgetId: 'bud_10004' });
    expect(told(budgets)).toMatchObject([{ budgetId: 'bud_10004' }]);
  });
});
