import type { ChatReply } from '../chat-reply.js';
import type { WireError } from '../errors.js';
import { datedModel, isObject, type JsonObject } from '../request-fields.js';
import type { Usage } from '../usage.js';
import type { OutputItem } from './response-output.js';
import type { ResponseRequest } from './response-request.js';

/** Id and time that all objects of one response share. */
export interface ResponseHead {
  readonly id: string;
  readonly createdAt: number;
}

/** The response while it is being made: no output and no usage yet. */
export function responseInProgress(request: ResponseRequest, head: ResponseHead): JsonObject {
  return responseObject(request, head, { status: 'in_progress', usage: null });
}

/** The response at its end: completed, or incomplete where the token limit or a filter cut it. */
export function finishedResponse(
  request: ResponseRequest,
  head: ResponseHead,
  reply: ChatReply,
  output: readonly OutputItem[],
): JsonObject {
  const reasons: Readonly<Record<string, string>> = { length: 'max_output_tokens', content_filter: 'content_filter' };
  const reason = request.compacts ? undefined : reasons[reply.finishReason];
  const isCut = reason !== undefined;
  return responseObject(request, head, {
    status: isCut ? 'incomplete' : 'completed',
    incomplete_details: isCut ? { reason } : null,
    completed_at: isCut ? null : now(),
    output,
    usage: request.chat.commands.has('no-usage') ? undefined : responseUsage(reply.usage),
  });
}

/** The response that broke off on command. */
export function failedResponse(request: ResponseRequest, head: ResponseHead, error: WireError): JsonObject {
  return responseObject(request, head, { status: 'failed', error: { code: error.code, message: error.message }, usage: null });
}

/** The usage of chat in the words of the Responses API. */
export function responseUsage(usage: Usage): object {
  const { cached_tokens, cache_write_tokens } = usage.prompt_tokens_details;
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: { cached_tokens, cache_write_tokens },
    output_tokens: usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: usage.completion_tokens_details.reasoning_tokens },
    total_tokens: usage.total_tokens,
  };
}

/** Now in seconds. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

function responseObject(request: ResponseRequest, head: ResponseHead, own: JsonObject): JsonObject {
  const { body, chat } = request;
  const { reasoning, text } = body;
  return {
    id: head.id,
    object: 'response',
    created_at: head.createdAt,
    status: 'completed',
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    max_tool_calls: body['max_tool_calls'] ?? null,
    model: datedModel(chat.model),
    output: [],
    parallel_tool_calls: chat.tools.parallel,
    previous_response_id: request.previous?.id ?? null,
    prompt_cache_key: body['prompt_cache_key'] ?? null,
    reasoning: { effort: null, summary: null, ...(isObject(reasoning) ? reasoning : {}) },
    safety_identifier: body['safety_identifier'] ?? null,
    service_tier: 'default',
    store: request.store,
    temperature: body['temperature'] ?? 1,
    text: { format: { type: 'text' }, verbosity: 'medium', ...(isObject(text) ? text : {}) },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: Array.isArray(body['tools']) ? body['tools'].map(shownTool) : [],
    top_logprobs: body['top_logprobs'] ?? 0,
    top_p: body['top_p'] ?? 1,
    truncation: body['truncation'] ?? 'disabled',
    user: body['user'] ?? undefined,
    metadata: body['metadata'] ?? {},
    ...own,
  };
}

/** A function is shown with the members that it must have in an answer. */
function shownTool(tool: unknown): unknown {
  if (!isObject(tool) || tool['type'] !== 'function') return tool;
  return { ...tool, parameters: tool['parameters'] ?? null, strict: tool['strict'] ?? true };
}
