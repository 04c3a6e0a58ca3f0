import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BudgetStateObject } from '../contracts/budget-report.js';
import { judgeBudgets, type CountedCall } from './budget-verdict.js';

const budget = (given: Partial<BudgetStateObject> = {}): BudgetStateObject => ({
  ...{ id: 'bud_1', of: 'key', name: 'app', window: 'day', currency: 'USD', amount: 12_500_000, soft_percent: null, hard: true },
  ...{ unpriced: 'refuse', spent: 3_000_000, reserved: 0, left: 9_500_000, ends_at: 1_800_000_000 },
  ...given,
});
const spent = { spent: 12_500_000, left: 0 };
const reserved = { reserved: 9_500_000, left: 0 };

function judged(budgets: readonly BudgetStateObject[], pricedIn: CountedCall['pricedIn'] = 'USD'): unknown[] {
  const { refusal, detail } = judgeBudgets({ budgets, pricedIn });
  return [refusal?.code, detail];
}

describe('what budgets say of a call', () => {
  it('is nothing where none counts it, or none refuses', () => {
    expect(judged([])).toEqual([undefined, 'No budget counts the call.']);
    expect(judged([budget({ hard: false, ...spent })])).toEqual([undefined, 'No budget refuses the call.']);
    expect(judged([budget({ unpriced: 'allow', ...spent })], null)).toEqual([undefined, 'No budget refuses the call.']);
  });

  it('is what is left of each that may refuse it', () => {
    const tokens = budget({ of: 'tenant', name: 'acme', window: 'total', currency: null, amount: 5, left: 1 });
    expect(judged([budget(), tokens, budget({ of: 'endpoint', name: 'assistant', hard: false })])).toEqual([
      undefined,
      'The budget `key app day USD` has 9.50 USD of 12.50 USD left. The budget `tenant total tokens` has 1 tokens of 5 tokens left.',
    ]);
  });

  it('is that one is spent, and when it is full again', () => {
    expect(judged([budget(spent)])).toEqual([
      'insufficient_quota',
      'The budget `key app day USD` is spent: it had 12.50 USD, and is full again at 2027-01-15T08:00:00Z.',
    ]);
    expect(
      judged([budget({ of: 'endpoint', name: 'assistant', window: 'total', amount: 0, spent: 0, left: 0, ends_at: null })]),
    ).toEqual([
      'insufficient_quota',
      'The budget `endpoint assistant total USD` is spent: it had 0.00 USD, and does not come back by itself.',
    ]);
  });

  it('is that calls have reserved what is left, which may be free again soon', () => {
    expect(judged([budget({ of: 'linked_key', ...reserved })])).toEqual([
      'rate_limit_exceeded',
      'All that the budget `key app day USD` has left is reserved by calls that run: 3.00 USD of 12.50 USD are spent.',
    ]);
  });

  it('of several with nothing left is told of those that are spent', () => {
    const both = [budget(reserved), budget({ window: 'week', ...spent })];
    const sentence = 'The budget `key app week USD` is spent: it had 12.50 USD, and is full again at 2027-01-15T08:00:00Z.';
    for (const order of [both, both.toReversed()]) expect(judged(order)).toEqual(['insufficient_quota', sentence]);
  });

  it('is that a call without a price in the currency cannot be counted, whatever is left', () => {
    expect(judged([budget(), budget({ currency: null, ...spent })], null)).toEqual([
      'insufficient_quota',
      'The budget `key app day USD` cannot count the call: no price says what it takes.',
    ]);
    expect(judged([budget()], 'EUR')[1]).toBe('The budget `key app day USD` cannot count the call: its model is priced in EUR.');
    expect(judged([budget({ currency: null })], null)[0]).toBeUndefined();
    // Nobody knows which model it is.
    expect(judgeBudgets({ budgets: [budget()], pricedIn: undefined }).refusal).toBeUndefined();
  });

  it('names five, and how many more there are', () => {
    const all = Array.from({ length: 7 }, (_none, at) => budget({ name: `k${at}` }));
    expect(judged(all.slice(0, 5))[1]).toMatch(/`key k4 day USD` has 9.50 USD of 12.50 USD left\.$/);
    expect(judged(all)[1]).toMatch(/left\. And 2 more\.$/);
    expect(judged(all)[1]).not.toContain('k5');
  });

  it('refuses exactly where a hard budget that counts has nothing left, or cannot count', () => {
    const states = fc.record({
      id: fc.constantFrom('bud_1', 'bud_2', 'bud_3'),
      currency: fc.constantFrom('USD', 'EUR', null),
      hard: fc.boolean(),
      unpriced: fc.constantFrom('refuse' as const, 'allow' as const),
      left: fc.constantFrom(0, 1),
      spent: fc.constantFrom(0, 12_500_000),
    });
    fc.assert(
      fc.property(fc.array(states, { maxLength: 4 }), fc.constantFrom('USD', 'EUR', null, undefined), (given, pricedIn) => {
        const refuses = given.some(({ currency, hard, unpriced, left }) => {
          const isCounted = currency === null || pricedIn === undefined || currency === pricedIn;
          return hard && (isCounted ? left === 0 : unpriced === 'refuse');
        });
        expect(judgeBudgets({ budgets: given.map(budget), pricedIn }).refusal !== undefined).toBe(refuses);
      }),
    );
  });
});
