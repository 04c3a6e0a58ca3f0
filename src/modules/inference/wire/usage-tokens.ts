/** Tokens of one call as the provider counted them. Cached tokens are part of the input, reasoning tokens of the output. */
export interface UsageTokens {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
}

type Fields = Record<string, unknown>;

/**
 * Reads a provider's `usage` object in any of the known forms: chat (`prompt_tokens`…), responses, images and
 * transcription (`input_tokens`…), DeepSeek's `prompt_cache_hit_tokens`, Anthropic's `cache_read_input_tokens`. Fractions
 * are cut off. Null when it counts no tokens or when a main figure is not a sane count: a wrong booking is worse than none.
 */
export function readUsage(usage: unknown): UsageTokens | null {
  const fields = fieldsOf(usage);
  if (fields === undefined) return null;
  const input = firstCount(fields.prompt_tokens, fields.input_tokens);
  const output = firstCount(fields.completion_tokens, fields.output_tokens);
  const total = count(fields.total_tokens);
  if (input === 'bad' || output === 'bad' || total === 'bad') return null;
  if (input === undefined && output === undefined && total === undefined) return null;
  const visible = output ?? 0;
  const counted = input ?? Math.max((total ?? 0) - visible, 0);
  const inputTokens = counted + cacheOutsideInput(fields, counted + visible, total);
  const reasoning =
    detail(fields.completion_tokens_details ?? fields.output_tokens_details, 'reasoning_tokens') ||
    known(fields.reasoning_tokens);
  // xAI counts reasoning beside the completion; its total gives it away.
  const outputTokens = total === inputTokens + visible + reasoning ? visible + reasoning : visible;
  return {
    inputTokens,
    cachedInputTokens: Math.min(cachedTokens(fields), inputTokens),
    outputTokens,
    reasoningTokens: Math.min(reasoning, outputTokens),
    totalTokens: Math.max(total ?? 0, inputTokens + outputTokens),
  };
}

function cachedTokens(fields: Fields): number {
  return (
    detail(fields.prompt_tokens_details ?? fields.input_tokens_details, 'cached_tokens') ||
    known(fields.prompt_cache_hit_tokens) ||
    known(fields.cache_read_input_tokens) ||
    known(fields.cached_tokens)
  );
}

/**
 * Anthropic's own form counts cache reads and writes beside `input_tokens`, not inside. A stated total that is the plain
 * sum, or details in OpenAI's form, say that the provider has already added them.
 */
function cacheOutsideInput(fields: Fields, plainSum: number, total: number | undefined): number {
  if (fields.prompt_tokens !== undefined || fieldsOf(fields.input_tokens_details) !== undefined || total === plainSum) return 0;
  return known(fields.cache_read_input_tokens) + known(fields.cache_creation_input_tokens);
}

function firstCount(first: unknown, second: unknown): number | undefined | 'bad' {
  return first === undefined || first === null ? count(second) : count(first);
}

/** Absent is undefined; anything that is not a count of tokens is `bad`. */
function count(value: unknown): number | undefined | 'bad' {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !(value >= 0) || value > Number.MAX_SAFE_INTEGER) return 'bad';
  return Math.floor(value);
}

/** A side figure: what is not a count is 0. */
function known(value: unknown): number {
  const tokens = count(value);
  return typeof tokens === 'number' ? tokens : 0;
}

function detail(details: unknown, name: string): number {
  return known(fieldsOf(details)?.[name]);
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
