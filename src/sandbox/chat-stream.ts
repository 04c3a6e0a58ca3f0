import type { ChatReply } from './chat-reply.js';
import type { ChatRequest } from './chat-request.js';
import type { ToolCall } from './chat-tools.js';
import { chunkText } from './chunk-text.js';
import type { Exchange } from './exchange.js';
import { chatLogprobs } from './logprobs.js';
import { datedModel } from './request-fields.js';
import { playStream } from './stream-script.js';
import type { Usage } from './usage.js';

/** What one chunk adds to each choice: a piece of the content or of a tool call. */
interface Delta {
  readonly content?: string;
  readonly refusal?: string;
  readonly tool_calls?: readonly object[];
}

type Chunk = (choices: readonly object[], usage?: Usage) => object;

/** Streams the reply as chat completion chunks: role, content or tool calls, finish_reason, and the usage where asked for. */
export async function streamChat(exchange: Exchange, request: ChatRequest, reply: ChatReply): Promise<void> {
  const { commands } = request;
  const wantsUsage = request.includeUsage && !commands.has('no-usage');
  const inLast = wantsUsage && commands.has('usage-in-last');
  const chunk = chunkMaker(exchange, request.model, wantsUsage);
  const indexes = Array.from({ length: request.choices }, (_unused, index) => index);
  const each = (delta: object, finishReason: string | null, logprobs: object | null = null) =>
    indexes.map((index) => chunk([{ index, delta, logprobs, finish_reason: finishReason }]));
  await playStream(exchange, commands, {
    opening: each({ role: 'assistant', content: reply.text === null || reply.refuses ? null : '', refusal: null }, null),
    pieces:
      reply.text === null
        ? reply.calls.flatMap(callDeltas)
        : chunkText(reply.text, commands.number('chunks')).map((piece) =>
            reply.refuses ? { refusal: piece } : { content: piece },
          ),
    pieceEvents: (delta) => each(delta, null, logprobsOf(delta, request.topLogprobs)),
    finish: indexes.map((index) =>
      chunk(
        [{ index, delta: {}, logprobs: null, finish_reason: reply.finishReason }],
        inLast && index === request.choices - 1 ? reply.usage : undefined,
      ),
    ),
    usage: wantsUsage && !inLast ? chunk([], reply.usage) : undefined,
  });
}

function chunkMaker(exchange: Exchange, model: string, wantsUsage: boolean): Chunk {
  const id = exchange.state.newId('chatcmpl-');
  const created = Math.floor(Date.now() / 1000);
  const answering = datedModel(model);
  const none = wantsUsage ? null : undefined;
  return (choices, usage) => ({
    id,
    object: 'chat.completion.chunk',
    created,
    model: answering,
    service_tier: 'default',
    system_fingerprint: 'fp_sandbox',
    choices,
    usage: usage ?? none,
  });
}

function logprobsOf(delta: Delta, top: number | undefined): object | null {
  return top === undefined || delta.content === undefined ? null : chatLogprobs(delta.content, top);
}

/** The deltas of one call: its name first, then its input in fragments, each with the call's index. */
function callDeltas(call: ToolCall, index: number): readonly Delta[] {
  const delta = (fragment: string, head: object) =>
    call.kind === 'custom'
      ? { tool_calls: [{ index, ...head, custom: { ...named(head, call), input: fragment } }] }
      : { tool_calls: [{ index, ...head, function: { ...named(head, call), arguments: fragment } }] };
  const fragments = call.input.match(/[^]{1,8}/gu) ?? [];
  return [delta('', { id: call.id, type: call.kind }), ...fragments.map((fragment) => delta(fragment, {}))];
}

function named(head: object, call: ToolCall): object {
  return 'id' in head ? { name: call.name } : {};
}
