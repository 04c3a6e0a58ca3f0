import type { ChatMessage } from './chat-messages.js';
import type { ChatRequest } from './chat-request.js';
import { plannedCalls, type ToolCall } from './chat-tools.js';
import { withoutCommands } from './commands.js';
import type { Exchange } from './exchange.js';
import { quotedAnswer } from './quotations.js';
import { commandedText, decoratedEcho, limited } from './reply-text.js';
import { minimalInstance } from './schema-instance.js';
import { countTokens } from './tokens.js';
import { usageOf, type Usage } from './usage.js';

/** What the sandbox answers to a chat, the same whether plain or streamed; every choice is alike. */
export interface ChatReply {
  readonly text: string | null;
  readonly calls: readonly ToolCall[];
  /** The text is a refusal. */
  readonly refuses: boolean;
  readonly finishReason: 'stop' | 'length' | 'tool_calls' | 'content_filter';
  readonly usage: Usage;
}

const tokensOfImage = 85;

/**
 * Decides the answer: tool calls, what a command shows, a tool's result, JSON of the wanted form, a sentence of the documents
 * that the request quotes, or the echo.
 */
export function chatReply(request: ChatRequest, exchange: Exchange): ChatReply {
  const results = trailingToolResults(request.messages);
  const calls = results.length > 0 ? [] : plannedCalls(request.tools, request.commands, (prefix) => exchange.state.newId(prefix));
  const prompt = promptTokens(request);
  if (calls.length > 0) {
    const spent = calls.reduce((sum, call) => sum + countTokens(call.name) + countTokens(call.input), 0);
    return {
      text: null,
      calls,
      refuses: false,
      finishReason: 'tool_calls',
      usage: usageOf(prompt, spent * request.choices, request.commands),
    };
  }
  const { commands } = request;
  const refuses = commands.has('refuse');
  const whole = commandedText(request.commands, exchange) ?? shownInstructions(request) ?? spokenText(request, results);
  const { text, finishReason } = limited(whole, request.stop, request.maxTokens);
  const usage = usageOf(prompt, countTokens(text) * request.choices, commands);
  return { text, calls, refuses, finishReason: commands.has('filter') ? 'content_filter' : finishReason, usage };
}

/** The tokens of everything that the request puts before the model. */
export function promptTokens(request: Pick<ChatRequest, 'messages' | 'tools'>): number {
  let tokens = 3 + countTokens(request.tools.text);
  for (const message of request.messages) {
    tokens += 4 + countTokens(message.text) + tokensOfImage * (message.images + message.attachments);
  }
  return tokens;
}

function trailingToolResults(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const last = messages.findLastIndex((message) => message.role !== 'tool' && message.role !== 'function');
  return messages.slice(last + 1);
}

/** Instructions are shown only on command: an ordinary answer never holds a system or developer message. */
function shownInstructions(request: ChatRequest): string | undefined {
  if (!request.commands.has('show-system')) return undefined;
  const shown = request.messages.filter((message) => message.role === 'system' || message.role === 'developer');
  return JSON.stringify(shown.map((message) => message.received));
}

function spokenText(request: ChatRequest, results: readonly ChatMessage[]): string {
  if (results.length > 0) return `Tool said: ${results.map((result) => result.text).join('; ')}`;
  if (request.format.kind === 'schema') return JSON.stringify(minimalInstance(request.format.schema));
  const asked = request.messages.findLast((message) => message.role === 'user');
  if (request.commands.has('refuse')) return 'I cannot help with that.';
  const echo = (asked && quotedAnswer(request.messages, withoutCommands(asked.text))) ?? echoOf(asked);
  if (request.format.kind === 'json') return JSON.stringify({ reply: echo });
  return decoratedEcho(echo, request.commands);
}

function echoOf(message: ChatMessage | undefined): string {
  if (message === undefined) return 'You said nothing.';
  const images = message.images === 0 ? '' : ` [${message.images} image${message.images === 1 ? '' : 's'}]`;
  return `You said: ${withoutCommands(message.text)}${images}`;
}
