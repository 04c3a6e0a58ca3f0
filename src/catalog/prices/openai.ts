import { listed, type ListedPrices } from './price-list.js';

const batch_discount = 500;
/** Longer calls cost more at some models. */
const above = 272_000;

const newerModels: ListedPrices = {
  provider: 'openai',
  source: 'OpenAI API, Pricing',
  checked: '2026-11-30',
  rows: [
    listed(['gpt-6.2-astra'], {
      ...{ input: 8, cached_input: 0.4, cache_write: 10, output: 40, batch_discount },
      long_input: { above, input: 16, cached_input: 0.8, cache_write: 20, output: 60 },
    }),
    listed(['gpt-6.2-sol'], {
      ...{ input: 2, cached_input: 0.1, cache_write: 2.5, output: 10, batch_discount },
      long_input: { above, input: 4, cached_input: 0.2, cache_write: 5, output: 15 },
    }),
    listed(['gpt-5.5'], {
      ...{ input: 5, cached_input: 0.5, output: 30, batch_discount },
      long_input: { above, input: 10, cached_input: 1, output: 45 },
    }),
    listed(['gpt-5.4'], {
      ...{ input: 2.5, cached_input: 0.25, output: 15, batch_discount },
      long_input: { above, input: 5, cached_input: 0.5, output: 22.5 },
    }),
    listed(['gpt-5.4-pro'], { input: 30, output: 180, batch_discount, long_input: { above, input: 60, output: 270 } }),
    listed(['gpt-5.4-mini'], { input: 0.75, cached_input: 0.075, output: 4.5, batch_discount }),
    listed(['gpt-5.4-nano'], { input: 0.2, cached_input: 0.02, output: 1.25, batch_discount }),
    listed(['gpt-5.2'], { input: 1.75, cached_input: 0.175, output: 14, batch_discount }),
    listed(['gpt-5.2-pro'], { input: 21, output: 168, batch_discount }),
  ],
};

const models: ListedPrices = {
  provider: 'openai',
  source: 'OpenAI API, Pricing',
  checked: '2025-11-13',
  rows: [
    listed(['gpt-5.1', 'gpt-5.1-2025-11-13', 'gpt-5', 'gpt-5-2025-08-07'], {
      ...{ input: 1.25, cached_input: 0.125, output: 10, batch_discount },
    }),
    listed(['gpt-5.1-chat-latest', 'gpt-5.1-codex', 'gpt-5-chat-latest', 'gpt-5-codex'], {
      ...{ input: 1.25, cached_input: 0.125, output: 10 },
    }),
    listed(['gpt-5.1-codex-mini'], { input: 0.25, cached_input: 0.025, output: 2 }),
    listed(['gpt-5-mini', 'gpt-5-mini-2025-08-07'], { input: 0.25, cached_input: 0.025, output: 2, batch_discount }),
    listed(['gpt-5-nano', 'gpt-5-nano-2025-08-07'], { input: 0.05, cached_input: 0.005, output: 0.4, batch_discount }),
    listed(['gpt-5-pro', 'gpt-5-pro-2025-10-06'], { input: 15, output: 120, batch_discount }),
    listed(['gpt-4.1', 'gpt-4.1-2025-04-14'], { input: 2, cached_input: 0.5, output: 8, batch_discount }),
    listed(['gpt-4.1-mini', 'gpt-4.1-mini-2025-04-14'], { input: 0.4, cached_input: 0.1, output: 1.6, batch_discount }),
    listed(['gpt-4.1-nano', 'gpt-4.1-nano-2025-04-14'], { input: 0.1, cached_input: 0.025, output: 0.4, batch_discount }),
    listed(['gpt-4o', 'gpt-4o-2024-08-06', 'gpt-4o-2024-11-20'], { input: 2.5, cached_input: 1.25, output: 10, batch_discount }),
    listed(['gpt-4o-mini', 'gpt-4o-mini-2024-07-18'], { input: 0.15, cached_input: 0.075, output: 0.6, batch_discount }),
    listed(['gpt-4-turbo', 'gpt-4-turbo-2024-04-09'], { input: 10, output: 30, batch_discount }),
    listed(['gpt-4', 'gpt-4-0613'], { input: 30, output: 60, batch_discount }),
    listed(['gpt-3.5-turbo', 'gpt-3.5-turbo-0125'], { input: 0.5, output: 1.5, batch_discount }),
    listed(['gpt-3.5-turbo-instruct'], { input: 1.5, output: 2 }),
    listed(['o4-mini', 'o4-mini-2025-04-16'], { input: 1.1, cached_input: 0.275, output: 4.4, batch_discount }),
    listed(['o3', 'o3-2025-04-16'], { input: 2, cached_input: 0.5, output: 8, batch_discount }),
    listed(['o3-pro', 'o3-pro-2025-06-10'], { input: 20, output: 80, batch_discount }),
    listed(['o3-mini', 'o3-mini-2025-01-31'], { input: 1.1, cached_input: 0.55, output: 4.4, batch_discount }),
    listed(['o3-deep-research', 'o3-deep-research-2025-06-26'], { input: 10, cached_input: 2.5, output: 40, batch_discount }),
    listed(['o4-mini-deep-research', 'o4-mini-deep-research-2025-06-26'], {
      ...{ input: 2, cached_input: 0.5, output: 8, batch_discount },
    }),
    listed(['o1', 'o1-2024-12-17'], { input: 15, cached_input: 7.5, output: 60, batch_discount }),
    listed(['o1-pro', 'o1-pro-2025-03-19'], { input: 150, output: 600, batch_discount }),
    listed(['text-embedding-3-small'], { input: 0.02, batch_discount }),
    listed(['text-embedding-3-large'], { input: 0.13, batch_discount }),
    listed(['text-embedding-ada-002'], { input: 0.1, batch_discount }),
    listed(['whisper-1'], { audio_hour: 0.36 }),
    listed(['tts-1'], { characters: 15 }),
    listed(['tts-1-hd'], { characters: 30 }),
    listed(['omni-moderation-latest'], { input: 0, output: 0 }),
  ],
};

/**
 * OpenAI. Left out are models that take sound or pictures by tokens of several prices: usage does not tell them apart. Batches
 * are at half price, but for models that they do not take.
 */
export const openaiPrices: readonly ListedPrices[] = [newerModels, models];
