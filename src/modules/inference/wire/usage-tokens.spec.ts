import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readUsage } from './usage-tokens.js';

const tokens = (input: number, cached: number, output: number, reasoning: number, total: number, written = 0) => ({
  inputTokens: input,
  cachedInputTokens: cached,
  cacheWriteTokens: written,
  outputTokens: output,
  reasoningTokens: reasoning,
  totalTokens: total,
});

describe('readUsage', () => {
  it.each([
    [
      'chat',
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
      tokens(10, 4, 5, 2, 15),
    ],
    [
      'responses',
      {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 3 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 1 },
        total_tokens: 17,
      },
      tokens(10, 3, 7, 1, 17),
    ],
    ['embeddings', { prompt_tokens: 8, total_tokens: 8 }, tokens(8, 0, 0, 0, 8)],
    ['no total', { prompt_tokens: 8, completion_tokens: 2 }, tokens(8, 0, 2, 0, 10)],
    ['only a total', { total_tokens: 9 }, tokens(9, 0, 0, 0, 9)],
    ['nulls', { prompt_tokens: 8, completion_tokens: null, prompt_tokens_details: null }, tokens(8, 0, 0, 0, 8)],
    ['fractions', { prompt_tokens: 8.9, completion_tokens: 2.2 }, tokens(8, 0, 2, 0, 10)],
    [
      'DeepSeek',
      { prompt_tokens: 8, completion_tokens: 2, prompt_cache_hit_tokens: 6, prompt_cache_miss_tokens: 2 },
      tokens(8, 6, 2, 0, 10),
    ],
    [
      'Anthropic',
      { input_tokens: 5, output_tokens: 2, cache_read_input_tokens: 100, cache_creation_input_tokens: 10 },
      tokens(115, 100, 2, 0, 117, 10),
    ],
    [
      'Anthropic with parts alone',
      {
        ...{ input_tokens: 5, output_tokens: 2, cache_read_input_tokens: 100 },
        cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 6 },
      },
      tokens(115, 100, 2, 0, 117, 10),
    ],
    [
      'Anthropic with parts beside their sum',
      {
        ...{ input_tokens: 5, output_tokens: 2, cache_creation_input_tokens: 10 },
        cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 6 },
      },
      tokens(15, 0, 2, 0, 17, 10),
    ],
    ...['cache_write_tokens', 'cache_creation_tokens', 'cache_creation_input_tokens'].map(
      (name) =>
        [
          `gateways with ${name}`,
          { prompt_tokens: 20, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4, [name]: 15 } },
          tokens(20, 4, 2, 0, 22, 15),
        ] as const,
    ),
    [
      'responses that wrote to the cache',
      {
        ...{ input_tokens: 10, output_tokens: 7, total_tokens: 17 },
        input_tokens_details: { cached_tokens: 3, cache_write_tokens: 5 },
      },
      tokens(10, 3, 7, 0, 17, 5),
    ],
    [
      'one figure under two names',
      {
        ...{ prompt_tokens: 20, completion_tokens: 2, cache_creation_input_tokens: 15 },
        prompt_tokens_details: { cache_write_tokens: 15, cache_creation_tokens: 15 },
      },
      tokens(20, 0, 2, 0, 22, 15),
    ],
    [
      'a plain figure beside the prompt',
      { prompt_tokens: 20, completion_tokens: 2, cache_write_tokens: 15 },
      tokens(20, 0, 2, 0, 22, 15),
    ],
    [
      'more written than was left of the prompt',
      { prompt_tokens: 9, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 9 } },
      tokens(9, 4, 0, 0, 9, 5),
    ],
    [
      'Anthropic with a plain sum',
      { input_tokens: 105, output_tokens: 2, cache_read_input_tokens: 100, total_tokens: 107 },
      tokens(105, 100, 2, 0, 107),
    ],
    [
      'Anthropic on the chat wire',
      { prompt_tokens: 105, completion_tokens: 2, cache_read_input_tokens: 100 },
      tokens(105, 100, 2, 0, 107),
    ],
    [
      'xAI',
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 35, completion_tokens_details: { reasoning_tokens: 20 } },
      tokens(10, 0, 25, 20, 35),
    ],
    [
      'more cached than sent',
      { prompt_tokens: 3, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 9 } },
      tokens(3, 3, 0, 0, 3),
    ],
  ])('reads the form of %s', (_, usage, expected) => {
    expect(readUsage(usage)).toEqual(expected);
  });

  it.each([
    [null],
    [undefined],
    ['12'],
    [[]],
    [{}],
    [{ type: 'duration', seconds: 3 }],
    [{ prompt_tokens: -1, completion_tokens: 2 }],
    [{ prompt_tokens: Number.NaN }],
    [{ prompt_tokens: '12', completion_tokens: 2 }],
    [{ input_tokens: 1e300 }],
    [{ prompt_tokens: 1, total_tokens: -5 }],
  ])('counts nothing in %j', (usage) => {
    expect(readUsage(usage)).toBeNull();
  });

  it('gives whole numbers that fit together, whatever a provider sends', () => {
    const figure = fc.oneof(fc.double(), fc.nat(), fc.constantFrom(null, 'x', -1));
    const details = fc.record(
      { cached_tokens: figure, cache_write_tokens: figure, reasoning_tokens: figure },
      { requiredKeys: [] },
    );
    const usage = fc.record(
      {
        prompt_tokens: figure,
        input_tokens: figure,
        completion_tokens: figure,
        output_tokens: figure,
        total_tokens: figure,
        cache_read_input_tokens: figure,
        cache_creation_input_tokens: figure,
        cache_creation: fc.record({ ephemeral_5m_input_tokens: figure, ephemeral_1h_input_tokens: figure }),
        prompt_tokens_details: details,
        completion_tokens_details: fc.oneof(details, figure),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(usage, (sent) => {
        const read = readUsage(sent);
        if (read === null) return;
        for (const value of Object.values(read)) expect(Number.isInteger(value) && value >= 0).toBe(true);
        expect(read.cachedInputTokens + read.cacheWriteTokens).toBeLessThanOrEqual(read.inputTokens);
        expect(read.reasoningTokens).toBeLessThanOrEqual(read.outputTokens);
        expect(read.totalTokens).toBeGreaterThanOrEqual(read.inputTokens + read.outputTokens);
      }),
    );
  });
});
