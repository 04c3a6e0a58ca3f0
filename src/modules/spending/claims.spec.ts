import { describe, expect, it } from '@jest/globals';
import type { BudgetLimit } from './budget-limit.js';
import { claimsText, headOf, isUncounted, takenOf } from './claims.js';

const limit: BudgetLimit = {
  ...{ id: 'ten_a/bud_1/0/journal', tenantId: 'ten_a', budgetId: 'bud_1', owner: 'key', window: 'day', currency: 'USD' },
  ...{ most: 1_000, epoch: 1, startsAtMs: 5, endsAtMs: 9 },
};

const end = { state: 'completed', source: 'upstream', totalTokens: 7 } as const;
const price = { cost: 3, charge: 4, currency: 'USD' };

describe('what a call has taken of a budget', () => {
  const claim = { limit, lease: { claimHead: headOf(limit, 'bsl_1') }, amount: 50 };
  const ofTokens = { ...claim, limit: { ...limit, currency: null } };

  it('is its charge, or its tokens', () => {
    expect([takenOf(claim, end, price), takenOf(ofTokens, end, price), takenOf(ofTokens, end, undefined)]).toEqual([4, 7, 7]);
  });

  it('is what was reserved where no price in the currency says it', () => {
    expect([takenOf(claim, end, undefined), takenOf(claim, end, { ...price, currency: 'EUR' })]).toEqual([50, 50]);
  });

  it('is nothing where the call was not sent, and nowhere else', () => {
    const notSent = { ...end, state: 'interrupted', source: 'none' } as const;
    expect([takenOf(claim, notSent, price), takenOf(ofTokens, notSent, undefined), isUncounted(notSent)]).toEqual([0, 0, true]);
    expect(isUncounted({ ...notSent, source: 'upstream' })).toBe(false);
    expect(isUncounted({ ...notSent, state: 'completed' })).toBe(false);
  });

  it('stands in the journal as slice, budget, period, amount and currency', () => {
    const counting = { ...ofTokens, limit: { ...ofTokens.limit, endsAtMs: null }, lease: null };
    expect(claimsText([claim, counting])).toBe('bsl_1:bud_1:5:9:50:USD/:bud_1:5::50:');
    expect(claimsText([])).toBe('');
  });
});
