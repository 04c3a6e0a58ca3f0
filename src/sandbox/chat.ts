import { answerJson } from './answers.js';
import { chatReply, type ChatReply } from './chat-reply.js';
import { readChatRequest, type ChatRequest } from './chat-request.js';
import { streamChat } from './chat-stream.js';
import type { ToolCall } from './chat-tools.js';
import type { Exchange } from './exchange.js';
import { playFaults } from './faults.js';
import { chatLogprobs } from './logprobs.js';
import { datedModel } from './request-fields.js';

/** POST /v1/chat/completions, plain and streamed. */
export async function chatCompletions(exchange: Exchange): Promise<void> {
  const request = readChatRequest(exchange.body);
  if (await playFaults(exchange, request.commands, request.model)) return;
  const reply = chatReply(request, exchange);
  if (request.stream && !request.commands.breaksBody) await streamChat(exchange, request, reply);
  else await answerJson(exchange, request.commands, chatCompletion(exchange, request, reply));
}

function chatCompletion(exchange: Exchange, request: ChatRequest, reply: ChatReply): object {
  return {
    id: exchange.state.newId('chatcmpl-'),
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: datedModel(request.model),
    choices: Array.from({ length: request.choices }, (_unused, index) => choice(request, reply, index)),
    usage: request.commands.has('no-usage') ? undefined : reply.usage,
    service_tier: 'default',
    system_fingerprint: 'fp_sandbox',
  };
}

function choice(request: ChatRequest, reply: ChatReply, index: number): object {
  const calls = reply.calls.length === 0 ? undefined : reply.calls.map(wireCall);
  const logprobs =
    request.topLogprobs === undefined || reply.text === null ? null : chatLogprobs(reply.text, request.topLogprobs);
  return {
    index,
    message: {
      role: 'assistant',
      content: reply.refuses ? null : reply.text,
      tool_calls: calls,
      refusal: reply.refuses ? reply.text : null,
      annotations: [],
    },
    logprobs,
    finish_reason: reply.finishReason,
  };
}

function wireCall(call: ToolCall): object {
  if (call.kind === 'custom') return { id: call.id, type: 'custom', custom: { name: call.name, input: call.input } };
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.input } };
}
