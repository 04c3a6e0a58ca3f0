import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CallEnd } from '../../platform/journal/call-record.js';
import { priceOfCall } from './price-of-call.js';
import type { Terms } from './price-terms.js';

const end: CallEnd = {
  status: 200,
  state: 'completed',
  source: 'upstream',
  inputTokens: 3,
  cachedInputTokens: 0,
  outputTokens: 2,
  reasoningTokens: 0,
  totalTokens: 5,
  latencyMs: 4,
  firstTokenMs: null,
};
const nothing = { source: 'none', inputTokens: 0, outputTokens: 0, totalTokens: 0 } as const;
const perToken = { input: 1_000_000, output: 10_000_000 };
const terms = (fields: Partial<Terms> = {}): Terms => ({
  ...{ currency: 'EUR', amounts: perToken, markupPerMille: 0, priceId: 'prc_1' },
  ...fields,
});

describe('the price of a call', () => {
  it('is its cost, and what the tenant is charged', () => {
    expect(priceOfCall(end, terms())).toEqual({ cost: 23, charge: 23, currency: 'EUR' });
    expect(priceOfCall(end, terms({ markupPerMille: 500 }))).toEqual({ cost: 23, charge: 35, currency: 'EUR' });
    expect(priceOfCall(end, terms({ markupPerMille: -1000 }))).toEqual({ cost: 23, charge: 0, currency: 'EUR' });
  });

  it('is that of all that the call took', () => {
    const priced = (fields: Partial<CallEnd>, amounts: Terms['amounts']) =>
      priceOfCall({ ...end, ...fields }, terms({ amounts }))?.cost;
    expect(priced({ ...nothing, audioSeconds: 1.5 }, { audio_hour: 3_600_000 })).toBe(1500);
    expect(priced({ ...nothing, characters: 7 }, { characters: 2_000_000 })).toBe(14);
    expect(priced({ images: 2, imageSize: '1x1' }, { image: 5, image_sizes: { '1x1': 4 } })).toBe(8);
    expect(priced({ cachedInputTokens: 2, reasoningTokens: 1 }, { ...perToken, cached_input: 0, reasoning: 0 })).toBe(11);
    expect(priced({ cachedInputTokens: 1, cacheWriteTokens: 2 }, { ...perToken, cached_input: 0, cache_write: 1_250_000 })).toBe(
      23,
    );
    expect(priced({ cacheWriteTokens: 1 }, { ...perToken, cache_write: 2_000_000 })).toBe(24);
    expect(priced({ cacheWriteTokens: 2 }, perToken)).toBe(23);
    expect(priced({ providerBatch: true }, { ...perToken, batch_discount: 500 })).toBe(12);
  });

  it('has no discount for batches of a call that was made by itself', () => {
    const discounted = terms({ amounts: { ...perToken, batch_discount: 500 } });
    expect(priceOfCall(end, discounted)?.cost).toBe(23);
    expect(priceOfCall({ ...end, providerBatch: false }, discounted)?.cost).toBe(23);
  });

  it('does not count what a call did not tell as nothing that was taken', () => {
    const amounts = { audio_hour: 1, characters: 1, image: 1 };
    for (const told of [{ audioSeconds: 0 }, { characters: 0 }, { images: 0 }, {}])
      expect(priceOfCall({ ...end, ...nothing, ...told }, terms({ amounts }))).toBeUndefined();
  });

  it.each([
    ['there is none', end, undefined],
    ['it says nothing of what the call took', end, terms({ amounts: { image: 1 } })],
    ['nobody knows what a completed call took', { ...end, ...nothing }, terms()],
    ['nobody knows what a call took that was left', { ...end, ...nothing, state: 'client_closed' }, terms()],
    ['nobody knows what a call took that was cut', { ...end, ...nothing, state: 'interrupted' }, terms()],
  ] as const)('is missing, and not 0, where %s', (_, ended: CallEnd, known) => {
    expect(priceOfCall(ended, known)).toBeUndefined();
  });

  it('is 0 where the provider failed and took nothing', () => {
    expect(priceOfCall({ ...end, ...nothing, state: 'upstream_failed' }, terms())).toEqual({
      cost: 0,
      charge: 0,
      currency: 'EUR',
    });
  });

  it('is a whole amount whatever figures a provider tells', () => {
    const anyFigure = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger());
    const maybe = fc.option(anyFigure, { nil: undefined });
    const anyFigures = fc.record({
      ...{ inputTokens: anyFigure, cachedInputTokens: anyFigure, outputTokens: anyFigure, reasoningTokens: anyFigure },
      ...{ cacheWriteTokens: maybe, audioSeconds: maybe, characters: maybe, images: maybe },
    });
    const amounts = { ...perToken, cache_write: 1_250_000, audio_hour: 7, characters: 7, image: 7 };
    fc.assert(
      fc.property(anyFigures, fc.integer({ min: -1000, max: 5000 }), (figures, markupPerMille) => {
        const price = priceOfCall({ ...end, ...figures }, terms({ amounts, markupPerMille }));
        for (const amount of price === undefined ? [] : [price.cost, price.charge])
          expect(Number.isSafeInteger(amount) && amount >= 0).toBe(true);
      }),
    );
  });
});
