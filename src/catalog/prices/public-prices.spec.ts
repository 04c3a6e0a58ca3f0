import { describe, expect, it } from '@jest/globals';
import type { PriceAmounts } from '../../contracts/price-amounts.js';
import { createPriceRequest, priceName } from '../../contracts/prices.js';
import { publicPriceRequests, publicPrices } from './public-prices.js';

const all = publicPriceRequests().map(({ price }) => price);

/** The prices of a short input, and of a long one where they differ. */
const tiers = ({ long_input: long, ...amounts }: PriceAmounts) =>
  long === undefined ? [amounts] : [amounts, { ...amounts, ...long }];

describe('the public prices', () => {
  it('are prices that can be created, each once', () => {
    for (const price of all) expect(createPriceRequest.parse(price)).toEqual(price);
    expect(new Set(all.map(priceName)).size).toBe(all.length);
  });

  it('name the page and a day that is over', () => {
    for (const { source, checked } of publicPrices) {
      expect(source).toMatch(/^[^/]{5,80}$/);
      expect(checked).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(Date.parse(checked)).toBeLessThan(Date.now());
    }
  });

  it('of what a provider has in its cache are not above those of other input, and what is written there is not below', () => {
    for (const { model, amounts } of all) {
      for (const { input = 0, cached_input: cached = input, cache_write: written = input } of tiers(amounts))
        expect([model, cached <= input, written >= input]).toEqual([model, true, true]);
    }
  });

  it('of a long input are not below those of a short one', () => {
    for (const { model, amounts } of all) {
      const [short = {}, long = short] = tiers(amounts);
      expect([model, (long.input ?? 0) >= (short.input ?? 0), (long.output ?? 0) >= (short.output ?? 0)]).toEqual([
        model,
        true,
        true,
      ]);
    }
  });

  it.each([
    ['openai', 'gpt-4o-mini', { input: 150_000, cached_input: 75_000, output: 600_000, batch_discount: 500 }],
    ['groq', 'whisper-large-v3', { audio_hour: 111_000 }],
    ['cohere', 'command-r7b-12-2024', { input: 37_500, output: 150_000 }],
  ])('have those of %s %s in micro-units', (provider, model, amounts) => {
    expect(all.find((price) => price.provider === provider && price.model === model)?.amounts).toEqual(amounts);
  });
});
