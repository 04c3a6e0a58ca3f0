import type { ChatMessage } from '../chat-messages.js';
import { commandsIn, type ChatRequest, type ResponseFormat } from '../chat-request.js';
import { badRequest, missingParameter, SandboxError, wrongType } from '../errors.js';
import { checkNumber, isObject, readBody, readBoolean, readInteger, readModel, type JsonObject } from '../request-fields.js';
import type { Exchange } from '../exchange.js';
import { checkCalls } from './response-calls.js';
import { readInput } from './response-items.js';
import type { StoredResponse } from './response-store.js';
import { readResponseTools } from './response-tools.js';

const includable: ReadonlySet<unknown> = new Set([
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
]);

/** A Responses request that was found well formed. */
export interface ResponseRequest {
  /** The body as received, for what the response repeats. */
  readonly body: JsonObject;
  /** The same request in the words of chat: instructions, the earlier conversation and the input are its messages. */
  readonly chat: ChatRequest;
  /** The earlier conversation and the input, without instructions. */
  readonly conversation: readonly ChatMessage[];
  readonly previous: StoredResponse | undefined;
  readonly include: ReadonlySet<string>;
  readonly store: boolean;
  /** True when the input ends with a `compaction_trigger`: the answer is a compaction alone. */
  readonly compacts: boolean;
  /** Prompt tokens from which the answer begins with a compaction. */
  readonly compactThreshold: number;
}

/**
 * Reads and judges the body of a Responses request. Unknown members are ignored.
 * @throws SandboxError 400 in OpenAI's words for what is malformed, and for a previous response that is not stored.
 */
export function readResponseRequest(exchange: Exchange): ResponseRequest {
  const body = readBody(exchange.body);
  return responseRequest(exchange, body, readModel(body));
}

/** The same for a body that was parsed already; the routes beside `POST /v1/responses` read theirs with it. */
export function responseRequest(exchange: Exchange, body: JsonObject, model: string): ResponseRequest {
  refuseForeignState(body);
  const previous = readPrevious(exchange, body);
  const conversation = [...(previous?.messages ?? []), ...readOwnInput(exchange, body, previous)];
  checkCalls(conversation);
  const include = readInclude(body);
  checkNumber(body, 'temperature', 0, 2);
  checkNumber(body, 'top_p', 0, 1);
  const top = readInteger(body, 'top_logprobs', 0, 20);
  return {
    body,
    conversation,
    previous,
    include,
    store: readBoolean(body, 'store', true),
    compacts: conversation.at(-1)?.received['type'] === 'compaction_trigger',
    compactThreshold: readThreshold(body),
    chat: {
      model,
      messages: [...readInstructions(body), ...conversation],
      commands: commandsIn(conversation),
      stream: readBoolean(body, 'stream', false),
      includeUsage: true,
      choices: 1,
      maxTokens: readInteger(body, 'max_output_tokens', 1, Number.MAX_SAFE_INTEGER) ?? Infinity,
      stop: [],
      topLogprobs: include.has('message.output_text.logprobs') ? (top ?? 0) : undefined,
      format: readFormat(body),
      tools: readResponseTools(body),
    },
  };
}

/** The sandbox has neither conversations nor prompts: every id of one is unknown to it. */
function refuseForeignState(body: JsonObject): void {
  for (const member of ['conversation', 'prompt']) {
    const value = body[member] ?? undefined;
    if (value === undefined) continue;
    const id = isObject(value) ? value['id'] : value;
    const message = `${member === 'prompt' ? 'Prompt' : 'Conversation'} with id '${String(id).slice(0, 100)}' not found.`;
    throw new SandboxError(404, { message, type: 'invalid_request_error', param: member, code: null });
  }
}

function readPrevious(exchange: Exchange, body: JsonObject): StoredResponse | undefined {
  const id = body['previous_response_id'] ?? undefined;
  if (id === undefined) return undefined;
  if (typeof id !== 'string') throw wrongType('previous_response_id', 'a string', id);
  const stored = exchange.state.responses.get(id);
  if (stored !== undefined) return stored;
  const message = `Previous response with id '${id.slice(0, 100)}' not found.`;
  throw badRequest(message, 'previous_response_id', 'previous_response_not_found');
}

function readOwnInput(exchange: Exchange, body: JsonObject, previous: StoredResponse | undefined): readonly ChatMessage[] {
  const { input } = body;
  if (input === undefined) throw missingParameter('input');
  const messages = readInput(input, (id) => exchange.state.responses.item(id));
  if (messages.length > 0 || previous !== undefined) return messages;
  throw badRequest("Invalid 'input': empty array. Expected an array with minimum length 1.", 'input', 'empty_array');
}

function readInstructions(body: JsonObject): readonly ChatMessage[] {
  const text = body['instructions'] ?? undefined;
  if (text === undefined) return [];
  if (typeof text !== 'string') throw wrongType('instructions', 'a string', text);
  return [{ role: 'system', text, images: 0, attachments: 0, received: { role: 'system', content: text } }];
}

function readInclude(body: JsonObject): ReadonlySet<string> {
  const include = body['include'] ?? [];
  if (!Array.isArray(include)) throw wrongType('include', 'an array of strings', include);
  for (const [index, entry] of include.entries())
    if (!includable.has(entry))
      throw badRequest(
        `Invalid value: '${String(entry).slice(0, 60)}'. Supported values are: ${[...includable].map((name) => `'${String(name)}'`).join(', ')}.`,
        `include[${index}]`,
      );
  return new Set(include);
}

function readFormat(body: JsonObject): ResponseFormat {
  const text = body['text'] ?? {};
  if (!isObject(text)) throw wrongType('text', 'an object', text);
  const format = text['format'] ?? { type: 'text' };
  if (!isObject(format)) throw wrongType('text.format', 'an object', format);
  if (format['type'] === 'text') return { kind: 'text' };
  if (format['type'] === 'json_object') return { kind: 'json' };
  if (format['type'] !== 'json_schema')
    throw badRequest(
      "Invalid value for 'text.format.type'. Supported values are: 'json_object', 'json_schema', and 'text'.",
      'text.format.type',
    );
  if (typeof format['name'] !== 'string') throw missingParameter('text.format.name');
  if (!isObject(format['schema'])) throw missingParameter('text.format.schema');
  return { kind: 'schema', schema: format['schema'] };
}

function readThreshold(body: JsonObject): number {
  const rules = body['context_management'] ?? [];
  if (!Array.isArray(rules)) throw wrongType('context_management', 'an array of objects', rules);
  const rule: unknown = rules.find((entry: unknown) => isObject(entry) && entry['type'] === 'compaction');
  return isObject(rule) ? (readInteger(rule, 'compact_threshold', 1000, Number.MAX_SAFE_INTEGER) ?? Infinity) : Infinity;
}
