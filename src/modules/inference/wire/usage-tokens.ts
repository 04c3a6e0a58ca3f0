/** Tokens of one call as the provider counted them. Cached and written tokens are parts of the input, reasoning tokens of the output. */
export interface UsageTokens {
  readonly inputTokens: number;
  /** Those that were read from the provider's cache. */
  readonly cachedInputTokens: number;
  /** Those that were written to it: none of them is a cached one. */
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
}

type Fields = Record<string, unknown>;

/** Tokens of which nothing further is known. */
export function onlyTokens(inputTokens: number, outputTokens: number): UsageTokens {
  const further = { cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
  return { inputTokens, outputTokens, ...further, totalTokens: inputTokens + outputTokens };
}

/**
 * Reads a provider's `usage` object in any of the known forms: chat (`prompt_tokens`…), responses, images and
 * transcription (`input_tokens`…), DeepSeek's `prompt_cache_hit_tokens`, Anthropic's `cache_read_input_tokens`, and the names
 * that gateways give to tokens written to a cache. Fractions are cut off. Null when it counts no tokens or when a main figure is not a sane count: a wrong booking is worse than none.
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
  const cachedInputTokens = Math.min(cachedTokens(fields), inputTokens);
  return {
    inputTokens,
    cachedInputTokens,
    cacheWriteTokens: Math.min(writtenTokens(fields), inputTokens - cachedInputTokens),
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

/** One figure under several names: the first that is not 0 counts. */
function writtenTokens(fields: Fields): number {
  const details = fields.prompt_tokens_details ?? fields.input_tokens_details;
  return (
    detail(details, 'cache_write_tokens') ||
    detail(details, 'cache_creation_tokens') ||
    detail(details, 'cache_creation_input_tokens') ||
    createdInCache(fields) ||
    known(fields.cache_write_tokens)
  );
}

/** Anthropic's figure, or its parts by how long they stay, which are told beside it. */
function createdInCache({ cache_creation_input_tokens: all, cache_creation: parts }: Fields): number {
  return known(all) || detail(parts, 'ephemeral_5m_input_tokens') + detail(parts, 'ephemeral_1h_input_tokens');
}

/**
 * Anthropic's own form counts cache reads and writes beside `input_tokens`, not inside. A stated total that is the plain
 * sum, or details in OpenAI's form, say that the provider has already added them.
 */
function cacheOutsideInput(fields: Fields, plainSum: number, total: number | undefined): number {
  if (fields.prompt_tokens !== undefined || fieldsOf(fields.input_tokens_details) !== undefined || total === plainSum) return 0;
  return known(fields.cache_read_input_tokens) + createdInCache(fields);
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
