import { listed, type ListedPrices } from './price-list.js';

/** Longer calls cost more at the large models. */
const above = 200_000;

/** Gemini with a key of Google AI Studio, paid tier. Sound in the input costs more at some of these models: usage does not tell it apart. */
export const geminiPrices: ListedPrices = {
  provider: 'gemini',
  source: 'Gemini API, Gemini Developer API pricing',
  checked: '2026-11-30',
  rows: [
    listed(['gemini-4-neon'], { input: 3, cached_input: 0.15, output: 15, batch_discount: 500 }),
    listed(['gemini-4-hydrogen'], { input: 1.5, cached_input: 0.075, output: 7.5, batch_discount: 500 }),
    listed(['gemini-3.6-flash'], { input: 1.5, cached_input: 0.15, output: 7.5 }),
    listed(['gemini-3.5-flash'], { input: 1.5, cached_input: 0.15, output: 9 }),
    listed(['gemini-3.5-flash-lite'], { input: 0.3, cached_input: 0.03, output: 2.5 }),
    listed(['gemini-3.1-flash-lite-preview'], { input: 0.25, cached_input: 0.025, output: 1.5 }),
    listed(['gemini-3-flash-preview'], { input: 0.5, output: 3 }),
    listed(['gemini-3.1-pro-preview', 'gemini-3-pro-preview'], {
      ...{ input: 2, output: 12 },
      long_input: { above, input: 4, output: 18 },
    }),
    listed(['gemini-2.5-pro'], {
      ...{ input: 1.25, cached_input: 0.125, output: 10 },
      long_input: { above, input: 2.5, cached_input: 0.25, output: 15 },
    }),
    listed(['gemini-2.5-flash'], { input: 0.3, cached_input: 0.03, output: 2.5 }),
    listed(['gemini-2.5-flash-lite'], { input: 0.1, cached_input: 0.01, output: 0.4 }),
    listed(['gemini-2.0-flash'], { input: 0.1, output: 0.4 }),
    listed(['gemini-2.0-flash-lite'], { input: 0.075, output: 0.3 }),
  ],
};
