import type { ServerResponse } from 'node:http';
import { isFields, type Fields } from '../../src/kernel/fields.js';
import type { Sandbox } from '../../src/sandbox/server.js';
import { errorReply, eventText, startAnthropicProvider, type AnthropicProvider } from './anthropic-provider.js';
import { askModel, passOn, type SaidPiece } from './model-over-chat.js';

/** A provider of the Messages API whose model is the sandbox's: its commands work in what is said to it. */
export async function startAnthropicSandbox(sandbox: Sandbox): Promise<AnthropicProvider> {
  const provider = await startAnthropicProvider();
  provider.answerWith((body, response) => {
    // A client that leaves, or an answer that is cut, ends the connection.
    tell(sandbox, body, response).catch(() => response.destroy());
  });
  return provider;
}

type SaidUsage = NonNullable<SaidPiece['usage']>;

const reasons: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
};
const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

async function tell(sandbox: Sandbox, body: Fields, response: ServerResponse): Promise<void> {
  const answer = await askModel(sandbox, chatOf(body), response);
  if ('broken' in answer) return passOn(answer, response);
  if (!('pieces' in answer)) {
    if (answer.retryAfter !== null) response.setHeader('retry-after', answer.retryAfter);
    return errorReply(response, answer.status, errorTypes[answer.status] ?? 'api_error', answer.message);
  }
  const message = new ToldMessage(body['model'], (event) => {
    if (body['stream'] === true) response.write(eventText(event));
  });
  if (body['stream'] === true) response.setHeader('content-type', 'text/event-stream');
  message.begin();
  for await (const piece of answer.pieces) {
    message.say(piece);
    if (piece.error !== undefined) return fail(body, response, piece.error);
  }
  // A model that never came to an end has no last events.
  if (message.hasEnded) message.end();
  else if (body['stream'] !== true) return void response.destroy();
  if (body['stream'] === true) response.end();
  else response.setHeader('content-type', 'application/json').end(JSON.stringify(message.whole()));
}

function fail(body: Fields, response: ServerResponse, message: string): void {
  const error = { type: 'overloaded_error', message };
  if (body['stream'] === true) response.end(eventText({ type: 'error', error }));
  else errorReply(response, 529, error.type, message);
}

/** An answer as it is told, block after block, and as a whole. */
class ToldMessage {
  private readonly blocks: Record<string, unknown>[] = [];
  private open: { readonly key: string; readonly block: Record<string, unknown>; json: string } | undefined;
  private reason: string | undefined;
  private usage: Fields = { input_tokens: 1, output_tokens: 1 };

  constructor(
    private readonly model: unknown,
    private readonly send: (event: Fields) => void,
  ) {}

  get hasEnded(): boolean {
    return this.reason !== undefined;
  }

  begin(): void {
    const message = { ...this.head(), content: [], stop_reason: null, stop_sequence: null, usage: this.usage };
    this.send({ type: 'message_start', message });
  }

  say({ text, calls, finish, usage }: SaidPiece): void {
    if (text !== undefined) {
      const { block } = this.in('text', { type: 'text', text: '' });
      block['text'] = String(block['text']) + text;
      this.delta({ type: 'text_delta', text });
    }
    for (const { index, id, name, input } of calls) {
      const open = this.in(`call ${index}`, { type: 'tool_use', id, name, input: {} });
      open.json += input;
      if (input !== '') this.delta({ type: 'input_json_delta', partial_json: input });
    }
    if (finish !== undefined) this.reason = reasons[finish] ?? 'end_turn';
    if (usage !== undefined) this.usage = usageOf(usage);
  }

  end(): void {
    this.close();
    this.send({ type: 'message_delta', delta: { stop_reason: this.reason, stop_sequence: null }, usage: this.usage });
    this.send({ type: 'message_stop' });
  }

  whole(): Fields {
    return { ...this.head(), content: this.blocks, stop_reason: this.reason, stop_sequence: null, usage: this.usage };
  }

  private head(): Fields {
    return { id: 'msg_provider', type: 'message', role: 'assistant', model: this.model };
  }

  /** The block of this key, which is begun where another one is open. */
  private in(key: string, block: Record<string, unknown>): { readonly block: Record<string, unknown>; json: string } {
    if (this.open?.key === key) return this.open;
    this.close();
    this.open = { key, block, json: '' };
    this.blocks.push(block);
    this.send({ type: 'content_block_start', index: this.blocks.length - 1, content_block: block });
    return this.open;
  }

  private delta(delta: Fields): void {
    this.send({ type: 'content_block_delta', index: this.blocks.length - 1, delta });
  }

  private close(): void {
    if (this.open === undefined) return;
    const { block, json } = this.open;
    if (block['type'] === 'tool_use') block['input'] = JSON.parse(json === '' ? '{}' : json);
    this.send({ type: 'content_block_stop', index: this.blocks.length - 1 });
    this.open = undefined;
  }
}

/** Tokens as this provider tells them: those of its cache stand beside the input. */
function usageOf({ prompt_tokens: prompt, completion_tokens, prompt_tokens_details: details }: SaidUsage): Fields {
  const { cached_tokens: read, cache_write_tokens: written } = details;
  return {
    input_tokens: prompt - read - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    output_tokens: completion_tokens,
  };
}

/** The request as the sandbox understands it. */
function chatOf(body: Fields): Fields {
  const { model, system, messages, tools, tool_choice: choice, max_tokens, stop_sequences: stop, output_config: config } = body;
  const instructions = textOf(system);
  const format = isFields(config) && isFields(config['format']) ? config['format'] : undefined;
  const schema = format === undefined ? {} : { json_schema: { name: 'answer', schema: format['schema'] } };
  const offered = listOf(tools).map(({ name, description, input_schema: parameters }) => ({
    type: 'function',
    function: { name, description, parameters },
  }));
  return {
    model,
    max_tokens,
    ...(stop === undefined ? {} : { stop }),
    messages: [
      ...(instructions === '' ? [] : [{ role: 'system', content: instructions }]),
      ...listOf(messages).flatMap(({ role, content }) => messagesOf(role, content)),
    ],
    ...(offered.length === 0 ? {} : { tools: offered, tool_choice: choiceOf(choice) }),
    ...(offered.length > 0 && isFields(choice) ? { parallel_tool_calls: choice['disable_parallel_tool_use'] !== true } : {}),
    ...(format === undefined ? {} : { response_format: { type: 'json_schema', ...schema } }),
  };
}

function choiceOf(choice: unknown): unknown {
  if (!isFields(choice)) return 'auto';
  if (choice['type'] === 'tool') return { type: 'function', function: { name: choice['name'] } };
  return choice['type'] === 'any' ? 'required' : choice['type'];
}

function messagesOf(role: unknown, content: unknown): Fields[] {
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content);
  const text = textOf(blocks);
  if (role === 'assistant') {
    const calls = blocks.flatMap(({ type, id, name, input }) =>
      type === 'tool_use' ? [{ id, type: 'function', function: { name, arguments: JSON.stringify(input) } }] : [],
    );
    return [{ role, content: text, ...(calls.length === 0 ? {} : { tool_calls: calls }) }];
  }
  const results = blocks.filter(({ type }) => type === 'tool_result');
  const told = results.map(({ tool_use_id: id, content: result }) => ({
    role: 'tool',
    tool_call_id: id,
    content: textOf(result),
  }));
  return text === '' && told.length > 0 ? told : [...told, { role: 'user', content: text }];
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .flatMap(({ type, text }) => (type === 'text' ? [String(text)] : []))
    .join('\n');
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : [];
}
