import { describe, expect, it } from '@jest/globals';
import type { AppError } from '../../kernel/app-error.js';
import { budgetError, reservationSpent, uncountable } from './budget-error.js';
import type { BudgetLimit } from './budget-limit.js';

const limit: BudgetLimit = {
  ...{ id: 'ten_a/bud_1/0/journal', tenantId: 'ten_a', budgetId: 'bud_1', owner: 'key', window: 'day', currency: 'USD' },
  ...{ most: 1_000, epoch: 1, startsAtMs: 5, endsAtMs: 9 },
};

describe('the answer to a call that a budget has no room for', () => {
  const refusal = { limit, need: 9, left: 3, waitMs: 1_001 };
  const said = ({ code, message, headers }: AppError): unknown[] => [code, message, headers];

  it('tells to wait for calls that run', () => {
    expect(said(budgetError(refusal, false))).toEqual([
      'rate_limit_exceeded',
      'The budget of this API key for today is reserved by calls that are running. Please try again in 2s.',
      { 'retry-after': '2', 'retry-after-ms': '1001' },
    ]);
  });

  it.each([
    ['key', 'day', 'this API key for today', '2024-05-06T00:00Z', 'It is full again at 2024-05-06T00:00:00Z.'],
    ['endpoint', 'week', 'this model for this week', '2024-05-12T22:00Z', 'It is full again at 2024-05-12T22:00:00Z.'],
    ['tenant', 'month', 'this tenant for this month', '2024-05-31T18:15Z', 'It is full again at 2024-05-31T18:15:00Z.'],
    ['tenant', 'total', 'this tenant', null, 'It does not come back by itself.'],
  ] as const)('names the one of a %s and a %s, and when it is full again', (owner, window, name, end, again) => {
    const endsAtMs = end === null ? null : Date.parse(end);
    expect(said(budgetError({ ...refusal, limit: { ...limit, owner, window, endsAtMs }, waitMs: null }, false))).toEqual([
      'insufficient_quota',
      `The budget of ${name} has too little left for this call. ${again} Ask for a shorter answer with max_tokens, or ask the administrator of your tenant.`,
      { 'x-should-retry': 'false' },
    ]);
  });

  it('says of one that has nothing left that it is spent', () => {
    expect(budgetError({ ...refusal, left: 0, waitMs: null, limit: { ...limit, endsAtMs: null } }, false).message).toBe(
      'The budget of this API key for today is spent. It does not come back by itself. Ask the administrator of your tenant.',
    );
  });

  it('is that of a process that is busy where the budget cannot be asked', () => {
    for (const waitMs of [null, 5]) {
      const error = budgetError({ ...refusal, waitMs }, true);
      expect([error.code, error.message.includes('budget')]).not.toEqual(['insufficient_quota', true]);
      expect(error.status).toBe(503);
    }
  });

  it('says what cannot be counted, and what ends an answer', () => {
    const ask = 'says what it takes. Ask the administrator of your tenant.';
    const begin = 'The budget of this API key for today cannot count this call: no price of the model in';
    expect(said(uncountable(limit))).toEqual(['insufficient_quota', `${begin} USD ${ask}`, { 'x-should-retry': 'false' }]);
    expect(uncountable({ ...limit, currency: null }).message).toBe(`${begin} tokens ${ask}`);
    const { code, message } = reservationSpent();
    expect([code, message]).toEqual([
      'insufficient_quota',
      'The answer is longer than what the budget of this call has room for; it ends here.',
    ]);
  });
});
