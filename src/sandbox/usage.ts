import type { Commands } from './commands.js';

/** The usage object of chat and legacy completions. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: {
    readonly cached_tokens: number;
    readonly cache_write_tokens: number;
    readonly audio_tokens: number;
  };
  readonly completion_tokens_details: {
    readonly reasoning_tokens: number;
    readonly audio_tokens: number;
    readonly accepted_prediction_tokens: number;
    readonly rejected_prediction_tokens: number;
  };
}

/**
 * The usage of one answer. Reasoning tokens are part of the completion's; tokens read from a cache and written to it are
 * parts of the prompt's, which is raised to them where a test asks for more than the prompt has.
 */
export function usageOf(promptTokens: number, completionTokens: number, commands: Commands): Usage {
  const cached = commands.number('cached') ?? 0;
  const written = commands.number('cache-write') ?? 0;
  const reasoning = commands.number('reasoning') ?? 0;
  const prompt = Math.max(promptTokens, cached + written);
  const completion = completionTokens + reasoning;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
