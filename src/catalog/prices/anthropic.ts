import { listed, type ListedPrices } from './price-list.js';

const batch_discount = 500;

/** Anthropic. What is written to a cache is priced for five minutes; for an hour it is twice the input. Batches are at half price. */
export const anthropicPrices: ListedPrices = {
  provider: 'anthropic',
  source: 'Claude Developer Platform, Pricing',
  checked: '2026-10-24',
  rows: [
    listed(['claude-fable-5-1'], { input: 10, cached_input: 0.25, cache_write: 12.5, output: 50, batch_discount }),
    listed(['claude-fable-5'], { input: 10, cached_input: 1, cache_write: 12.5, output: 50, batch_discount }),
    listed(['claude-opus-5-5'], { input: 4, cached_input: 0.2, cache_write: 5, output: 20, batch_discount }),
    listed(
      [
        ...['claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-7', 'claude-opus-4-6'],
        ...['claude-opus-4-5', 'claude-opus-4-5-20251101'],
      ],
      { input: 5, cached_input: 0.5, cache_write: 6.25, output: 25, batch_discount },
    ),
    listed(['claude-opus-4-1', 'claude-opus-4-1-20250805', 'claude-opus-4-0', 'claude-opus-4-20250514'], {
      ...{ input: 15, cached_input: 1.5, cache_write: 18.75, output: 75, batch_discount },
    }),
    listed(['claude-sonnet-5-5', 'claude-sonnet-5'], {
      ...{ input: 2, cached_input: 0.2, cache_write: 2.5, output: 10, batch_discount },
    }),
    listed(['claude-sonnet-5-5'], { input: 2, cached_input: 0.1, cache_write: 2.5, output: 10, batch_discount }, '2026-10-07'),
    listed(['claude-sonnet-4-6', 'claude-3-7-sonnet-latest', 'claude-3-7-sonnet-20250219'], {
      ...{ input: 3, cached_input: 0.3, cache_write: 3.75, output: 15, batch_discount },
    }),
    listed(['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929', 'claude-sonnet-4-0', 'claude-sonnet-4-20250514'], {
      ...{ input: 3, cached_input: 0.3, cache_write: 3.75, output: 15, batch_discount },
      long_input: { above: 200_000, input: 6, cached_input: 0.6, cache_write: 7.5, output: 22.5 },
    }),
    listed(['claude-haiku-5-5'], {
      ...{ input: 0.1, cached_input: 0.01, cache_write: 0.125, output: 0.5, batch_discount },
      long_input: { above: 100_000, input: 0.5, cached_input: 0.05, cache_write: 0.625, output: 2.5 },
    }),
    listed(['claude-haiku-4-5', 'claude-haiku-4-5-20251001'], {
      ...{ input: 1, cached_input: 0.1, cache_write: 1.25, output: 5, batch_discount },
    }),
    listed(['claude-3-5-haiku-latest', 'claude-3-5-haiku-20241022'], {
      ...{ input: 0.8, cached_input: 0.08, cache_write: 1, output: 4, batch_discount },
    }),
    listed(['claude-3-haiku-20240307'], { input: 0.25, cached_input: 0.03, cache_write: 0.3, output: 1.25, batch_discount }),
  ],
};
