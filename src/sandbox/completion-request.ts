import { Commands, readCommands } from './commands.js';
import {
  checkNumber,
  mayHoldCommands,
  readBody,
  readBoolean,
  readIncludeUsage,
  readInteger,
  readModel,
  readStop,
  readTextsOrTokens,
  type TextsOrTokens,
} from './request-fields.js';

/** A legacy completion request that was found well formed. */
export interface CompletionRequest {
  readonly model: string;
  readonly prompts: TextsOrTokens;
  readonly commands: Commands;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Choices for each prompt. */
  readonly choices: number;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  /** How many alternatives each token lists; undefined when no log probabilities were asked for. */
  readonly logprobs: number | undefined;
  readonly echo: boolean;
}

/**
 * Reads and judges the body of a legacy completion request. Unlike OpenAI there is no default of 16 tokens.
 * @throws SandboxError 400 in OpenAI's words for what is malformed.
 */
export function readCompletionRequest(bytes: Buffer): CompletionRequest {
  const body = readBody(bytes);
  const model = readModel(body);
  const prompts = readTextsOrTokens(body, 'prompt');
  const stream = readBoolean(body, 'stream', false);
  checkNumber(body, 'temperature', 0, 2);
  checkNumber(body, 'top_p', 0, 1);
  return {
    model,
    prompts,
    commands: mayHoldCommands(bytes) ? readCommands(prompts.filter((prompt) => typeof prompt === 'string')) : Commands.none,
    stream,
    includeUsage: readIncludeUsage(body, stream),
    choices: readInteger(body, 'n', 1, 128) ?? 1,
    maxTokens: readInteger(body, 'max_tokens', 0, Number.MAX_SAFE_INTEGER) ?? Infinity,
    stop: readStop(body),
    logprobs: readInteger(body, 'logprobs', 0, 5),
    echo: readBoolean(body, 'echo', false),
  };
}
