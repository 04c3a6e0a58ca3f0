import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../kernel/app-error.js';
import { budgetError, reservationSpent, uncountable } from './budget-error.js';
import { BudgetBook, type BudgetRow } from './budget-book.js';
import type { BudgetLimit } from './budget-limit.js';
import { claimsText, headOf, isUncounted, takenOf } from './claims.js';
import { chargeOf } from '../prices/cost.js';
import { Expected, type ExpectedCall } from './expected.js';
import { LastCharges } from './last-charges.js';

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

describe('what a call is expected to take', () => {
  const amounts = { input: 2_000_000, cached_input: 1, output: 5_000_000, reasoning: 1, batch_discount: 1_000 };
  const terms = { currency: 'USD', amounts, markupPerMille: 500, priceId: 'prc_1' };
  const call = { tenantId: 'ten_a', endpoint: 'assistant' };
  const expected = (more: Partial<ExpectedCall> = {}, charges = new LastCharges()) =>
    new Expected({ call, use: { prompt: 10, output: 4 }, terms, ...more }, charges);

  it('is what new input and the longest answer are charged, with the mark-up, or their tokens', () => {
    expect([expected().of('USD'), expected().of(null)]).toEqual([60, 14]);
  });

  it('is unknown without a price in the currency', () => {
    expect([expected().of('EUR'), expected({ terms: undefined }).of('USD')]).toEqual([undefined, undefined]);
  });

  it('is nothing where the call has been answered already, and else at least one unit', () => {
    const answered = expected({ use: null });
    expect([answered.of('USD'), answered.of('EUR'), answered.of(null)]).toEqual([0, undefined, 0]);
    const empty = expected({ use: { prompt: 0, output: 0 } });
    expect([empty.of('USD'), empty.of(null)]).toEqual([1, 1]);
  });

  it('is what calls of the name were charged lately where its price says nothing of tokens, and learns of its own charge', () => {
    const charges = new LastCharges();
    const images = { terms: { ...terms, amounts: { image: 5 } } };
    const first = expected(images, charges);
    expect([first.learner(), first.of('USD')]).toEqual([undefined, 1]);
    first.learner()?.(40);
    expect([charges.of('ten_a/assistant'), expected(images, charges).of('USD')]).toEqual([40, 40]);
    // Worked out once, however many budgets ask.
    expect(first.of('USD')).toBe(1);
    const ofTokens = expected({}, charges);
    ofTokens.of('USD');
    expect(ofTokens.learner()).toBeUndefined();
  });

  it('is enough for whatever answer comes, however much of the input was cached', () => {
    const price = fc.integer({ min: 0, max: 10_000_000 });
    const tokens = fc.integer({ min: 1, max: 100_000 });
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(tokens, tokens, part, price, price, price, (prompt, output, used, input, cheaper, out) => {
        const given = { ...terms, amounts: { input: input + cheaper, cached_input: input, output: out } };
        const taken = {
          ...{ inputTokens: prompt, cachedInputTokens: Math.floor(prompt * used), outputTokens: Math.ceil(output * used) },
          ...{ reasoningTokens: 0, audioMs: null, characters: null, images: null, imageSize: null },
          ...{ providerBatch: false, completed: true },
        };
        const charge = chargeOf(taken, given.amounts, given.markupPerMille) ?? NaN;
        expect(expected({ use: { prompt, output }, terms: given }).of('USD')).toBeGreaterThanOrEqual(charge);
      }),
    );
  });
});

describe('the last charges of a name', () => {
  it('are the highest one, which fades by a tenth with each call that took less', () => {
    const charges = new LastCharges();
    expect(charges.of('a')).toBe(0);
    charges.learn('a', 100);
    expect([charges.of('a'), charges.of('b')]).toEqual([100, 0]);
    charges.learn('a', 5);
    expect(charges.of('a')).toBe(90);
    charges.learn('a', 85);
    expect(charges.of('a')).toBe(85);
    charges.learn('a', 1);
    expect(charges.of('a')).toBe(77);
  });

  it('are forgotten of the name that was learned longest ago beyond ten thousand', () => {
    const charges = new LastCharges();
    for (const name of ['first', 'second', ...Array.from({ length: 9_998 }, (_, at) => `n${at}`)]) charges.learn(name, 10);
    charges.learn('first', 10);
    expect(charges.of('second')).toBe(10);
    charges.learn('new', 10);
    expect([charges.of('first'), charges.of('second'), charges.of('new')]).toEqual([10, 0, 10]);
  });
});

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
    ['key', 'day', 'this API key for today'],
    ['endpoint', 'week', 'this model for this week'],
    ['tenant', 'month', 'this tenant for this month'],
    ['tenant', 'total', 'this tenant'],
  ] as const)('names the one of a %s and a %s', (owner, window, name) => {
    expect(said(budgetError({ ...refusal, limit: { ...limit, owner, window }, waitMs: null }, false))).toEqual([
      'insufficient_quota',
      `The budget of ${name} has too little left for this call. Ask for a shorter answer with max_tokens, or ask the administrator of your tenant.`,
      { 'x-should-retry': 'false' },
    ]);
  });

  it('is that of a process that is busy where the budget cannot be asked', () => {
    for (const waitMs of [null, 5]) {
      const error = budgetError({ ...refusal, waitMs }, true);
      expect([error.code, error.message.includes('budget')]).not.toEqual(['insufficient_quota', true]);
      expect(error.status).toBe(503);
    }
  });

  it('says what cannot be counted, and what ends an answer', () => {
    const ask = 'is known. Ask the administrator of your tenant.';
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

describe('the budgets that count a call', () => {
  const day = Date.UTC(2026, 10, 30);
  const row: BudgetRow = {
    ...{ id: 'bud_1', keyIds: null, endpoint: null, window: 'day', currency: 'USD', amount: 10, hard: false },
    ...{ unpriced: 'refuse', epochMs: 3 },
  };
  const rows: readonly BudgetRow[] = [
    row,
    { ...row, id: 'bud_2', keyIds: ['key_a', 'key_b'], hard: true, unpriced: 'allow', currency: null },
    { ...row, id: 'bud_3', endpoint: 'assistant', window: 'total' },
    { ...row, id: 'bud_4', keyIds: ['key_a'], endpoint: 'other' },
  ];
  let book: BudgetBook;
  beforeEach(() => {
    book = new BudgetBook('ten_a', 'UTC', rows);
  });
  const idsOf = (keyId: string, endpoint: string): string[] =>
    book.of({ keyId, endpoint }, day, 'j1').map(({ limit: { budgetId } }) => budgetId);

  it('are those of its key, of the endpoint that it names, and of all, in one order', () => {
    expect([idsOf('key_a', 'assistant'), idsOf('key_a', 'other'), idsOf('key_c', 'x')]).toEqual([
      ['bud_1', 'bud_2', 'bud_3'],
      ['bud_1', 'bud_2', 'bud_4'],
      ['bud_1'],
    ]);
    expect(idsOf('key_a', 'assistant')).toEqual(['bud_1', 'bud_2', 'bud_3']);
  });

  it('stop it where one of them is a hard stop', () => {
    const stops = (keyId: string, of: BudgetBook) => of.stops({ keyId, endpoint: 'x' }, day, 'j1');
    const none = new BudgetBook('ten_a', 'UTC', []);
    expect([stops('key_b', book), stops('key_c', book), stops('key_a', none)]).toEqual([true, false, false]);
  });

  it('are none where there are none', () => {
    expect(new BudgetBook('ten_a', 'UTC', []).of({ keyId: 'key_a', endpoint: 'x' }, day, 'j1')).toEqual([]);
    expect(new BudgetBook('ten_a', 'UTC', rows.slice(3)).of({ keyId: 'key_b', endpoint: 'x' }, day, 'j1')).toEqual([]);
  });

  it('are each as they are stored, in the period of this moment', () => {
    const named = { tenantId: 'ten_a', most: 10, epoch: 3 };
    const today = { startsAtMs: day, endsAtMs: day + 86_400_000 };
    expect(book.of({ keyId: 'key_a', endpoint: 'assistant' }, day + 5, 'j1')).toEqual([
      {
        limit: {
          ...{ ...named, ...today, id: `ten_a/bud_1/${day}/j1`, budgetId: 'bud_1' },
          ...{ owner: 'tenant', window: 'day', currency: 'USD' },
        },
        ...{ hard: false, unpriced: 'refuse' },
      },
      {
        limit: {
          ...{ ...named, ...today, id: `ten_a/bud_2/${day}/j1`, budgetId: 'bud_2' },
          ...{ owner: 'key', window: 'day', currency: null },
        },
        ...{ hard: true, unpriced: 'allow' },
      },
      {
        limit: {
          ...{ ...named, id: 'ten_a/bud_3/0/j1', budgetId: 'bud_3', startsAtMs: 0, endsAtMs: null },
          ...{ owner: 'endpoint', window: 'total', currency: 'USD' },
        },
        ...{ hard: false, unpriced: 'refuse' },
      },
    ]);
  });

  it('are the same objects within a period of a journal, and others in the next one', () => {
    const call = { keyId: 'key_c', endpoint: 'x' };
    const at = (nowMs: number, journal = 'j1') => book.of(call, nowMs, journal)[0];
    const first = at(day);
    expect([at(day + 86_399_999), at(day, 'j1')]).toEqual([first, first]);
    expect(at(day + 86_399_999)).toBe(first);
    expect(at(day + 86_400_000)?.limit).toMatchObject({ startsAtMs: day + 86_400_000 });
    expect(at(day - 1)?.limit).toMatchObject({ startsAtMs: day - 86_400_000 });
    expect(at(day, 'j2')?.limit.id).toBe(`ten_a/bud_1/${day}/j2`);
    expect(at(day, 'j2')).toBe(at(day, 'j2'));
  });

  it('are those of a call that was not asked about for long, too', () => {
    for (let at = 0; at <= 10_000; at += 1) idsOf(`key_${at}`, 'x');
    expect([idsOf('key_a', 'assistant'), idsOf('key_c', 'x')]).toEqual([['bud_1', 'bud_2', 'bud_3'], ['bud_1']]);
  });
});
