import { readMessages, type ChatMessage } from './chat-messages.js';
import { readTools, type ToolWish } from './chat-tools.js';
import { Commands, readCommands } from './commands.js';
import { badRequest, wrongType } from './errors.js';
import {
  checkNumber,
  isObject,
  mayHoldCommands,
  readBody,
  readBoolean,
  readIncludeUsage,
  readInteger,
  readModel,
  readStop,
  type JsonObject,
} from './request-fields.js';

/** The form that the answer's content must have. */
export type ResponseFormat =
  { readonly kind: 'text' } | { readonly kind: 'json' } | { readonly kind: 'schema'; readonly schema: unknown };

/** A chat completion request that was found well formed. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly commands: Commands;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly choices: number;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  /** How many alternatives each token's log probability lists; undefined when none were asked for. */
  readonly topLogprobs: number | undefined;
  readonly format: ResponseFormat;
  readonly tools: ToolWish;
}

/**
 * Reads and judges the body of a chat completion request. Unknown members are ignored.
 * @throws SandboxError 400 in OpenAI's words for what is malformed.
 */
export function readChatRequest(bytes: Buffer): ChatRequest {
  const body = readBody(bytes);
  const model = readModel(body);
  const messages = readMessages(body);
  const stream = readBoolean(body, 'stream', false);
  checkSampling(body);
  return {
    model,
    messages,
    commands: mayHoldCommands(bytes) ? commandsIn(messages) : Commands.none,
    stream,
    includeUsage: readIncludeUsage(body, stream),
    choices: readInteger(body, 'n', 1, 128) ?? 1,
    maxTokens: readMaxTokens(body),
    stop: readStop(body),
    topLogprobs: readTopLogprobs(body),
    format: readFormat(body),
    tools: readTools(body),
  };
}

/** The commands of all user messages. */
export function commandsIn(messages: readonly ChatMessage[]): Commands {
  return readCommands(messages.filter((message) => message.role === 'user').map((message) => message.text));
}

function checkSampling(body: JsonObject): void {
  checkNumber(body, 'temperature', 0, 2);
  checkNumber(body, 'top_p', 0, 1);
  checkNumber(body, 'presence_penalty', -2, 2);
  checkNumber(body, 'frequency_penalty', -2, 2);
}

function readMaxTokens(body: JsonObject): number {
  const older = readInteger(body, 'max_tokens', 1, Number.MAX_SAFE_INTEGER);
  const newer = readInteger(body, 'max_completion_tokens', 1, Number.MAX_SAFE_INTEGER);
  return newer ?? older ?? Infinity;
}

function readTopLogprobs(body: JsonObject): number | undefined {
  const wanted = readBoolean(body, 'logprobs', false);
  const top = readInteger(body, 'top_logprobs', 0, 20);
  if (top !== undefined && !wanted) {
    throw badRequest("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", 'top_logprobs', null);
  }
  return wanted ? (top ?? 0) : undefined;
}

function readFormat(body: JsonObject): ResponseFormat {
  const format = body['response_format'] ?? undefined;
  if (format === undefined) return { kind: 'text' };
  if (!isObject(format)) throw wrongType('response_format', 'an object', format);
  if (format['type'] === 'text') return { kind: 'text' };
  if (format['type'] === 'json_object') return { kind: 'json' };
  if (format['type'] !== 'json_schema') {
    throw badRequest(
      "Invalid value for 'response_format.type'. Supported values are: 'json_object', 'json_schema', and 'text'.",
      'response_format.type',
    );
  }
  const wrapper = format['json_schema'];
  if (!isObject(wrapper)) throw wrongType('response_format.json_schema', 'an object', wrapper);
  return { kind: 'schema', schema: wrapper['schema'] ?? {} };
}
