import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PriceAmounts } from '../../contracts/price-amounts.js';
import { expectedCharge } from './expected-charge.js';

const of = (prompt: number, output: number, amounts: PriceAmounts, markupPerMille = 0) =>
  expectedCharge({ prompt, output }, { amounts, markupPerMille });

describe('what a call is expected to be charged', () => {
  it('is the price of new input and the longest answer, with the mark-up', () => {
    expect(of(10, 4, { input: 2_000_000, cached_input: 1, output: 5_000_000, reasoning: 1, batch_discount: 1_000 }, 500)).toBe(
      60,
    );
    expect(of(10, 0, { input: 2_000_000 })).toBe(20);
    expect(of(10, 4, { input: 0, output: 0 })).toBe(0);
  });

  it('is unknown where a part of its tokens has no price, whatever else has one', () => {
    const other = fc.record(
      { image: fc.nat(9), audio_hour: fc.nat(9), characters: fc.nat(9), cached_input: fc.nat(9), reasoning: fc.nat(9) },
      { requiredKeys: [] },
    );
    const [tokens, price] = [fc.integer({ min: 1, max: 1e6 }), fc.nat(1e6)];
    fc.assert(
      fc.property(tokens, tokens, price, other, (prompt, output, amount, others) => {
        expect(of(prompt, output, { ...others, input: amount })).toBeUndefined();
        expect(of(prompt, output, { ...others, output: amount })).toBeUndefined();
        expect(of(prompt, output, others)).toBeUndefined();
      }),
    );
    expect([of(10, 0, { output: 5 }), of(10, 0, { cached_input: 5 })]).toEqual([undefined, undefined]);
  });

  it('is nothing yet where it is sold by something else, or nobody knows what is sent', () => {
    for (const amounts of [{ image: 5 }, { image_sizes: { '1x1': 5 } }, { audio_hour: 5 }, { characters: 5 }])
      expect([of(10, 0, amounts), of(0, 0, amounts)]).toEqual([0, 0]);
    expect(of(0, 0, { input: 5, output: 5 })).toBe(0);
  });
});
