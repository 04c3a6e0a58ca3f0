import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { priceAmounts, type PriceAmounts } from '../../contracts/price-amounts.js';
import { chargeOf, costOf, type MeasuredUse } from './cost.js';

const nothing: MeasuredUse = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  audioMs: null,
  characters: null,
  images: null,
  imageSize: null,
  providerBatch: false,
  completed: true,
};
const used = (use: Partial<MeasuredUse>): MeasuredUse => ({ ...nothing, ...use });

const count = fc.integer({ min: 0, max: 2_000_000 });
const someTokens = fc
  .record({ plain: count, cached: count, written: count, said: count, thought: count })
  .map(({ plain, cached, written, said, thought }) => ({
    inputTokens: plain + cached + written,
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    outputTokens: said + thought,
    reasoningTokens: thought,
  }));
const someUse = fc
  .record({
    tokens: someTokens,
    audioMs: count,
    characters: count,
    images: fc.integer({ min: 0, max: 100 }),
    providerBatch: fc.boolean(),
  })
  .map(({ tokens, ...rest }) => used({ ...tokens, ...rest }));
const price = fc.integer({ min: 0, max: 200_000_000 });
const allPrices = fc.record({
  input: price,
  cached_input: price,
  cache_write: price,
  output: price,
  reasoning: price,
  audio_hour: price,
  characters: price,
  image: price,
  batch_discount: fc.integer({ min: 0, max: 1000 }),
});
const markup = fc.integer({ min: -1000, max: 5000 });
const measures = ['inputTokens', 'outputTokens', 'audioMs', 'characters', 'images'] as const;

/** What a use costs, as a fraction: told in other words than the code has. */
function exactly(use: MeasuredUse, prices: Required<Omit<PriceAmounts, 'image_sizes' | 'long_input'>>): [bigint, bigint] {
  const [cached, written] = [use.cachedInputTokens, use.cacheWriteTokens ?? 0];
  const millionths = [
    [use.inputTokens - cached - written, prices.input],
    [cached, prices.cached_input],
    [written, prices.cache_write],
    [use.outputTokens - use.reasoningTokens, prices.output],
    [use.reasoningTokens, prices.reasoning],
    [use.characters ?? 0, prices.characters],
  ].reduce((sum, [taken = 0, each = 0]) => sum + BigInt(taken) * BigInt(each), 0n);
  const ofMilliseconds = BigInt(use.audioMs ?? 0) * BigInt(prices.audio_hour);
  const ofImages = BigInt(use.images ?? 0) * BigInt(prices.image);
  const [million, hour] = [1_000_000n, 3_600_000n];
  const sum = millionths * hour + ofMilliseconds * million + ofImages * million * hour;
  return [sum * BigInt(1000 - (use.providerBatch ? prices.batch_discount : 0)), million * hour * 1000n];
}

describe('the cost of a call', () => {
  it.each([
    [{ inputTokens: 1_000_000 }, { input: 2_500_000 }, 2_500_000],
    [
      { inputTokens: 1000, cachedInputTokens: 800, outputTokens: 100 },
      { input: 3_000_000, cached_input: 300_000, output: 15_000_000 },
      2340,
    ],
    [{ inputTokens: 1 }, { input: 20_000 }, 1],
    [{ outputTokens: 5 }, { output: 1_000_000 }, 5],
    [
      { inputTokens: 10, cachedInputTokens: 6, cacheWriteTokens: 8 },
      { input: 1_000_000, cached_input: 0, cache_write: 2_000_000 },
      8,
    ],
    [
      { inputTokens: 10, cachedInputTokens: 16, outputTokens: 5, reasoningTokens: 9 },
      { input: 3_000_000, cached_input: 1_000_000, output: 3_000_000, reasoning: 2_000_000 },
      20,
    ],
    [{ audioMs: 60_000 }, { audio_hour: 360_000 }, 6000],
    [{ characters: 1000 }, { characters: 15_000_000 }, 15_000],
    [{ images: 2, imageSize: '1024x1024' }, { image: 40_000 }, 80_000],
    [{ images: 1, imageSize: 'constructor' }, { image: 40_000, image_sizes: { '1792x1024': 80_000 } }, 40_000],
    [{ images: 1, imageSize: '1792x1024' }, { image: 40_000, image_sizes: { '1792x1024': 80_000 } }, 80_000],
    [{ inputTokens: 1_000_000, providerBatch: true }, { input: 2_500_000, batch_discount: 500 }, 1_250_000],
    [{ inputTokens: 1_000_000 }, { input: 2_500_000, batch_discount: 500 }, 2_500_000],
    [
      { inputTokens: 200_000, outputTokens: 10 },
      { input: 1_250_000, output: 10_000_000, long_input: { above: 200_000, input: 2_500_000 } },
      250_100,
    ],
    [
      { inputTokens: 200_001, outputTokens: 10 },
      { input: 1_250_000, output: 10_000_000, long_input: { above: 200_000, input: 2_500_000 } },
      500_103,
    ],
  ])('of %j at %j is %d', (use, amounts, cost) => {
    expect(costOf(used(use), priceAmounts.parse(amounts))).toBe(cost);
  });

  it('is the exact sum of all that was taken, rounded up once', () => {
    fc.assert(
      fc.property(someUse, allPrices, (use, prices) => {
        const [numerator, denominator] = exactly(use, prices);
        const cost = BigInt(costOf(use, prices) ?? -1);
        expect(cost * denominator).toBeGreaterThanOrEqual(numerator);
        expect((cost - 1n) * denominator).toBeLessThan(numerator);
      }),
    );
  });

  it('never falls when more is taken, or a price rises', () => {
    fc.assert(
      fc.property(
        someUse,
        allPrices,
        fc.constantFrom(...measures),
        count,
        fc.constantFrom('input', 'output', 'image'),
        price,
        (use, prices, measure, more, raised, by) => {
          const before = costOf(use, prices) ?? NaN;
          expect(costOf({ ...use, [measure]: (use[measure] ?? 0) + more }, prices)).toBeGreaterThanOrEqual(before);
          expect(costOf(use, { ...prices, [raised]: prices[raised] + by })).toBeGreaterThanOrEqual(before);
        },
      ),
    );
  });

  it('of two calls is that of both in one, but for one rounding', () => {
    fc.assert(
      fc.property(someUse, someUse, allPrices, (one, other, prices) => {
        const second = { ...other, providerBatch: one.providerBatch };
        const both = used({
          providerBatch: one.providerBatch,
          ...Object.fromEntries(
            ([...measures, 'cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens'] as const).map((measure) => [
              measure,
              (one[measure] ?? 0) + (second[measure] ?? 0),
            ]),
          ),
        });
        const apart = (costOf(one, prices) ?? NaN) + (costOf(second, prices) ?? NaN);
        const together = costOf(both, prices) ?? NaN;
        expect(apart).toBeGreaterThanOrEqual(together);
        expect(apart).toBeLessThanOrEqual(together + 1);
      }),
    );
  });

  it('knows no difference between parts of the tokens that have no price of their own', () => {
    fc.assert(
      fc.property(someTokens, price, price, ({ inputTokens, outputTokens, ...parts }, input, output) => {
        const whole = costOf(used({ inputTokens, outputTokens }), { input, output });
        expect(costOf(used({ inputTokens, outputTokens, ...parts }), { input, output })).toBe(whole);
      }),
    );
  });

  it('counts no token twice, whatever a provider says of its parts', () => {
    fc.assert(
      fc.property(
        count,
        count,
        count,
        count,
        count,
        price,
        (inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens, each) => {
          const use = used({ inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens });
          const same = { input: each, cached_input: each, cache_write: each, output: each, reasoning: each };
          expect(costOf(use, same)).toBe(costOf(used({ inputTokens: inputTokens + outputTokens }), { input: each }));
        },
      ),
    );
  });

  it('is that of the whole call at the prices of a long input, above its length alone', () => {
    fc.assert(
      fc.property(someTokens, allPrices, allPrices, fc.integer({ min: 1, max: 4_000_000 }), (tokens, short, long, above) => {
        const { input, cached_input, cache_write, output, reasoning } = long;
        const prices = { ...short, long_input: { above, input, cached_input, cache_write, output, reasoning } };
        const expected = tokens.inputTokens > above ? long : short;
        expect(costOf(used(tokens), prices)).toBe(costOf(used(tokens), expected));
      }),
    );
  });

  it('stays a number that can be added exactly, whatever is taken', () => {
    const most = used({ inputTokens: 2_147_483_647, images: 2_147_483_647 });
    expect(costOf(most, { input: 100_000_000_000, image: 100_000_000_000 })).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('a call has no cost', () => {
  it.each<[string, Partial<MeasuredUse>, PriceAmounts]>([
    ['when only its input is priced and it has output', { inputTokens: 5, outputTokens: 5 }, { input: 1 }],
    ['when only its output is priced and it has input', { inputTokens: 5, outputTokens: 5 }, { output: 1 }],
    ['when nothing that it took is priced', { audioMs: 5 }, { input: 1, output: 1 }],
    ['when its images are of a size without a price', { images: 1, imageSize: '1x1' }, { image_sizes: { '2x2': 1 } }],
    [
      'when its images are of a size without a price, though its tokens have one',
      { inputTokens: 5, images: 1, imageSize: '1x1' },
      { input: 1, image_sizes: { '2x2': 1 } },
    ],
    ['when it was completed and nobody knows what it took', {}, { input: 1, output: 1 }],
    ['when that is so and one of its prices is none', {}, { input: 0, output: 1 }],
    ['when that is so and a long input has a price', {}, { input: 0, long_input: { above: 5, input: 1 } }],
  ])('%s', (_, use, amounts) => {
    expect(costOf(used(use), amounts)).toBeNull();
    expect(chargeOf(used(use), amounts, 100)).toBeNull();
  });

  it('and is free only when its price says so, or when it took nothing', () => {
    expect(costOf(nothing, { input: 0, output: 0 })).toBe(0);
    expect(costOf(nothing, { input: 0, image_sizes: { '1x1': 0 }, batch_discount: 500 })).toBe(0);
    expect(costOf(used({ inputTokens: 9, outputTokens: 9 }), { input: 0, output: 0 })).toBe(0);
    expect(costOf(used({ completed: false }), { input: 1, output: 1 })).toBe(0);
  });

  it('beside one measure that is priced, others are not missed', () => {
    expect(costOf(used({ inputTokens: 9, images: 1 }), { image: 40_000 })).toBe(40_000);
    expect(costOf(used({ inputTokens: 9, images: 1, imageSize: '1x1' }), { input: 1_000_000 })).toBe(9);
    expect(costOf(used({ inputTokens: 10, outputTokens: 10, audioMs: 9 }), { input: 1_000_000, output: 1_000_000 })).toBe(20);
  });
});

describe('the charge for a call', () => {
  it('is the exact cost with the mark-up, rounded up once', () => {
    fc.assert(
      fc.property(someUse, allPrices, markup, (use, prices, perMille) => {
        const [numerator, denominator] = exactly(use, prices);
        const charge = BigInt(chargeOf(use, prices, perMille) ?? -1);
        const [marked, scale] = [numerator * BigInt(1000 + perMille), denominator * 1000n];
        expect(charge * scale).toBeGreaterThanOrEqual(marked);
        expect((charge - 1n) * scale).toBeLessThan(marked);
      }),
    );
  });

  it('is the cost without a mark-up, nothing where all is taken off, and rises with the mark-up', () => {
    fc.assert(
      fc.property(someUse, allPrices, markup, fc.nat({ max: 1000 }), (use, prices, perMille, more) => {
        expect(chargeOf(use, prices, 0)).toBe(costOf(use, prices));
        expect(chargeOf(use, prices, -1000)).toBe(0);
        expect(chargeOf(use, prices, perMille + more)).toBeGreaterThanOrEqual(chargeOf(use, prices, perMille) ?? NaN);
      }),
    );
  });
});

describe('the prices of a model', () => {
  it.each<[object, string]>([
    [{}, 'without any price'],
    [{ batch_discount: 500 }, 'with a discount alone'],
    [{ input: -1 }, 'below zero'],
    [{ input: 0.5 }, 'of half a micro-unit'],
    [{ input: 100_000_000_001 }, 'beyond all measure'],
    [{ input: 1, colour: 1 }, 'of something that is not sold'],
    [{ input: 1, batch_discount: 1001 }, 'with more off than there is'],
  ])('are refused as %j: %s', (amounts, _) => {
    expect(priceAmounts.safeParse(amounts).success).toBe(false);
  });
});
