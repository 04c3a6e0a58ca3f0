import type { ChatReply } from '../chat-reply.js';
import type { ChatMessage } from '../chat-messages.js';
import type { ToolCall } from '../chat-tools.js';
import type { Exchange } from '../exchange.js';
import { chatLogprobs } from '../logprobs.js';
import type { ResponseRequest } from './response-request.js';
import { sealed } from './sealed-content.js';

const longestSummary = 4000;

/** A part of a message's content. */
export interface TextPart {
  readonly type: 'output_text';
  readonly text: string;
  readonly annotations: readonly object[];
  readonly logprobs: readonly object[];
}

/** The part of a message that says nothing else. */
export interface RefusalPart {
  readonly type: 'refusal';
  readonly refusal: string;
}

/** One item of a response's output, complete. */
export type OutputItem =
  | {
      readonly type: 'message';
      readonly id: string;
      readonly status: 'completed' | 'incomplete';
      readonly role: 'assistant';
      readonly content: readonly (TextPart | RefusalPart)[];
    }
  | {
      readonly type: 'reasoning';
      readonly id: string;
      readonly summary: readonly { readonly type: 'summary_text'; readonly text: string }[];
      readonly encrypted_content?: string;
    }
  | (CallItem & { readonly type: 'function_call'; readonly arguments: string })
  | (CallItem & { readonly type: 'custom_tool_call'; readonly input: string })
  | { readonly type: 'compaction'; readonly id: string; readonly encrypted_content: string };

interface CallItem {
  readonly id: string;
  readonly status: 'completed';
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** The items that the response consists of: a compaction where one is due, the reasoning where asked for, and the reply. */
export function outputOf(exchange: Exchange, request: ResponseRequest, reply: ChatReply): readonly OutputItem[] {
  if (request.compacts) return [compaction(exchange, request)];
  const items: OutputItem[] = [];
  if (reply.usage.prompt_tokens >= request.compactThreshold) items.push(compaction(exchange, request));
  const thought = request.chat.commands.number('reasoning') ?? 0;
  if (thought > 0) items.push(reasoning(exchange, request, thought));
  if (reply.text !== null) items.push(message(exchange, request, reply, reply.text));
  return [...items, ...reply.calls.map((call) => callItem(exchange, call))];
}

/** The whole conversation as one sealed item, which stands for it in a later input. */
export function compaction(exchange: Exchange, request: Pick<ResponseRequest, 'conversation' | 'chat'>): OutputItem {
  const text = `Summary of the conversation so far:\n${request.conversation.flatMap(summaryOf).join('\n')}`;
  const content = sealed({ kind: 'compaction', model: request.chat.model, text: text.slice(0, longestSummary) });
  return { type: 'compaction', id: exchange.state.newId('cmp_sandbox'), encrypted_content: content };
}

function summaryOf({ role, text }: ChatMessage): readonly string[] {
  return text === '' || role === 'system' ? [] : [`${role}: ${text}`];
}

function reasoning(exchange: Exchange, request: ResponseRequest, tokens: number): OutputItem {
  const text = `The sandbox thought for ${tokens} tokens.`;
  const secret = sealed({ kind: 'reasoning', model: request.chat.model, text });
  return {
    type: 'reasoning',
    id: exchange.state.newId('rs_sandbox'),
    summary: [{ type: 'summary_text', text }],
    ...(request.include.has('reasoning.encrypted_content') ? { encrypted_content: secret } : {}),
  };
}

function message(exchange: Exchange, request: ResponseRequest, reply: ChatReply, text: string): OutputItem {
  const { finishReason, refuses } = reply;
  const logprobs = logprobsOf(text, request.chat.topLogprobs);
  return {
    type: 'message',
    id: exchange.state.newId('msg_sandbox'),
    status: finishReason === 'length' || finishReason === 'content_filter' ? 'incomplete' : 'completed',
    role: 'assistant',
    content: [refuses ? { type: 'refusal', refusal: text } : { type: 'output_text', text, annotations: [], logprobs }],
  };
}

function callItem(exchange: Exchange, call: ToolCall): OutputItem {
  const { id: call_id, name, namespace, input } = call;
  const common = { status: 'completed', call_id, name, ...(namespace === undefined ? {} : { namespace }) } as const;
  if (call.kind === 'custom') return { type: 'custom_tool_call', id: exchange.state.newId('ctc_sandbox'), ...common, input };
  return { type: 'function_call', id: exchange.state.newId('fc_sandbox'), ...common, arguments: input };
}

/** The log probabilities of a text; none unless they were asked for. */
export function logprobsOf(text: string, top: number | undefined): readonly object[] {
  return top === undefined ? [] : chatLogprobs(text, top).content;
}
