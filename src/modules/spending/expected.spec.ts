import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chargeOf } from '../prices/cost.js';
import { Expected, type ExpectedCall } from './expected.js';
import { LastCharges } from './last-charges.js';

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

  it('is unknown where the price says nothing of a part of its tokens', () => {
    for (const said of [{ input: 5 }, { output: 5 }, { image: 5 }]) {
      const partly = expected({ terms: { ...terms, amounts: said } });
      expect([partly.of('USD'), partly.of('USD'), partly.of(null), partly.learner()]).toEqual([
        undefined,
        undefined,
        14,
        undefined,
      ]);
    }
  });

  it('is nothing where the call has been answered already, and else at least one unit', () => {
    const answered = expected({ use: null });
    expect([answered.of('USD'), answered.of('EUR'), answered.of(null)]).toEqual([0, undefined, 0]);
    const empty = expected({ use: { prompt: 0, output: 0 } });
    expect([empty.of('USD'), empty.of(null)]).toEqual([1, 1]);
  });

  it('is what calls of the name were charged lately where its price says nothing of tokens, and learns of its own charge', () => {
    const charges = new LastCharges();
    const images = { use: { prompt: 10, output: 0 }, terms: { ...terms, amounts: { image: 5 } } };
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
