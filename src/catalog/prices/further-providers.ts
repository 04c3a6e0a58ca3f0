import { listed, type ListedPrices } from './price-list.js';

/** Mistral: names of versions alone, since what a name that ends in `-latest` means changes, and its price with it. */
const mistral: ListedPrices = {
  provider: 'mistral',
  source: 'Mistral AI, API pricing',
  checked: '2025-07-04',
  rows: [
    listed(['mistral-large-2411', 'mistral-large-2407', 'pixtral-large-2411'], { input: 2, output: 6 }),
    listed(['mistral-medium-2505'], { input: 0.4, output: 2 }),
    listed(['magistral-medium-2506'], { input: 2, output: 5 }),
    listed(['magistral-small-2506'], { input: 0.5, output: 1.5 }),
    listed(['codestral-2501'], { input: 0.3, output: 0.9 }),
    listed(['pixtral-12b'], { input: 0.15, output: 0.15 }),
    listed(['open-mistral-7b'], { input: 0.25, output: 0.25 }),
    listed(['open-mixtral-8x7b'], { input: 0.7, output: 0.7 }),
    listed(['open-mixtral-8x22b'], { input: 2, output: 6 }),
    listed(['mistral-embed'], { input: 0.1 }),
  ],
};

const cohere: ListedPrices = {
  provider: 'cohere',
  source: 'Cohere, Pricing',
  checked: '2025-07-04',
  rows: [
    listed(['command-a-03-2025', 'command-r-plus-08-2024'], { input: 2.5, output: 10 }),
    listed(['command-r-08-2024'], { input: 0.15, output: 0.6 }),
    listed(['command-r7b-12-2024'], { input: 0.0375, output: 0.15 }),
    listed(['embed-v4.0'], { input: 0.12 }),
  ],
};

const groq: ListedPrices = {
  provider: 'groq',
  source: 'Groq, On-demand pricing',
  checked: '2025-11-01',
  rows: [
    listed(['llama-3.3-70b-versatile'], { input: 0.59, output: 0.79 }),
    listed(['llama-3.1-8b-instant'], { input: 0.05, output: 0.08 }),
    listed(['openai/gpt-oss-120b'], { input: 0.15, output: 0.6 }),
    listed(['qwen/qwen3-32b'], { input: 0.29, output: 0.59 }),
    listed(['meta-llama/llama-4-scout-17b-16e-instruct'], { input: 0.11, output: 0.34 }),
    listed(['meta-llama/llama-4-maverick-17b-128e-instruct'], { input: 0.2, output: 0.6 }),
    listed(['meta-llama/llama-guard-4-12b'], { input: 0.2, output: 0.2 }),
    listed(['moonshotai/kimi-k2-instruct-0905'], { input: 1, output: 3 }),
    listed(['whisper-large-v3'], { audio_hour: 0.111 }),
    listed(['whisper-large-v3-turbo'], { audio_hour: 0.04 }),
  ],
};

const deepseek: ListedPrices = {
  provider: 'deepseek',
  source: 'DeepSeek API Docs, Models & Pricing',
  checked: '2026-04-13',
  rows: [listed(['deepseek-chat', 'deepseek-reasoner'], { input: 0.28, cached_input: 0.028, output: 0.42 })],
};

const fastGrok = {
  ...{ input: 0.2, cached_input: 0.05, output: 0.5 },
  long_input: { above: 128_000, input: 0.4, output: 1 },
};
const largeGrok = {
  ...{ input: 2, cached_input: 0.5, output: 6 },
  long_input: { above: 200_000, input: 4, cached_input: 1, output: 12 },
};

const xai: ListedPrices = {
  provider: 'xai',
  source: 'xAI, Models and pricing',
  checked: '2026-11-30',
  rows: [
    listed(['grok-4.7', 'grok-4.6'], largeGrok),
    listed(['grok-4.5'], { ...largeGrok, cached_input: 0.3, long_input: { ...largeGrok.long_input, cached_input: 0.6 } }),
    listed(['grok-4.3', 'grok-4.20-0309-reasoning', 'grok-4.20-0309-non-reasoning', 'grok-4.20-multi-agent-0309'], {
      ...{ input: 1.25, cached_input: 0.2, output: 2.5 },
      long_input: { above: 200_000, input: 2.5, cached_input: 0.4, output: 5 },
    }),
    listed(['grok-4', 'grok-4-0709'], {
      ...{ input: 3, cached_input: 0.75, output: 15 },
      long_input: { above: 128_000, input: 6, output: 30 },
    }),
    listed(['grok-4-fast', 'grok-4-fast-reasoning'], fastGrok),
    listed(['grok-3'], { input: 3, cached_input: 0.75, output: 15 }),
    listed(['grok-3-mini'], { input: 0.3, cached_input: 0.075, output: 0.5 }),
    listed(['grok-code-fast-1'], { input: 0.2, cached_input: 0.02, output: 1.5 }),
  ],
};

/** Providers with few models here. */
export const furtherPrices: readonly ListedPrices[] = [mistral, cohere, groq, deepseek, xai];
