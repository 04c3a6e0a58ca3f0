import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fields } from '../../src/kernel/fields.js';
import { faultOf, signatureOf } from './anthropic-rules.js';
import { listen, type Listening } from './listening.js';

export type AnthropicAnswer = (body: Fields, response: ServerResponse) => void;

export interface AnthropicProvider extends Listening {
  /** Bodies that were taken, the oldest first, and the same as they were written. */
  readonly bodies: readonly Fields[];
  readonly texts: readonly string[];
  /** Why requests were refused, the oldest first. */
  readonly refusals: readonly string[];
  /** Decides the answers from now on. */
  answerWith(answer: AnthropicAnswer): void;
}

/** A provider of the Messages API: it refuses what the real one refuses, and remembers what it was asked. */
export async function startAnthropicProvider(): Promise<AnthropicProvider> {
  const bodies: Fields[] = [];
  const texts: string[] = [];
  const refusals: string[] = [];
  let answer: AnthropicAnswer = sayBlocks([{ type: 'text', text: 'Hello.' }]);
  const refuse = (response: ServerResponse, status: number, type: string, message: string): void => {
    refusals.push(message);
    errorReply(response, status, type, message);
  };
  const listening = await listen((text, request, response) => {
    const wrongHead = headFault(request);
    if (wrongHead !== undefined) return refuse(response, ...wrongHead);
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return refuse(response, 400, 'invalid_request_error', 'The request body is not valid JSON');
    }
    const fault = faultOf(body);
    if (fault !== undefined) return refuse(response, 400, 'invalid_request_error', fault);
    texts.push(text);
    bodies.push(body as Fields);
    answer(body as Fields, response);
  });
  return {
    ...listening,
    bodies,
    texts,
    refusals,
    answerWith: (next) => {
      answer = next;
    },
  };
}

/** Answers with an error as the real one tells it. */
export function errorReply(response: ServerResponse, status: number, type: string, message: string): void {
  const body = { type: 'error', error: { type, message }, request_id: 'req_provider' };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Answers with these blocks, in whichever way was asked for. */
export const sayBlocks =
  (blocks: readonly Fields[], end: Fields = {}): AnthropicAnswer =>
  (body, response) => {
    if (body['stream'] === true) return sendAnthropicEvents(response, eventsOfMessage(blocks, end));
    response.setHeader('content-type', 'application/json').end(JSON.stringify(messageOf(blocks, end)));
  };

/** A thought as this provider signs it. */
export function thoughtBlock(thinking: string): Fields {
  return { type: 'thinking', thinking, signature: signatureOf(thinking) };
}

/** A whole answer of these blocks. @param end members that end it in another way. */
export function messageOf(blocks: readonly Fields[], end: Fields = {}): Fields {
  const hasCalls = blocks.some(({ type }) => type === 'tool_use');
  return {
    id: 'msg_provider',
    type: 'message',
    role: 'assistant',
    model: 'provider-model',
    content: blocks,
    stop_reason: hasCalls ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 11, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 7 },
    ...end,
  };
}

/** The same as events, what is said in several pieces. */
export function eventsOfMessage(blocks: readonly Fields[], end: Fields = {}): Fields[] {
  const { content: _content, stop_reason: reason, stop_sequence: sequence, usage, ...message } = messageOf(blocks, end);
  const { output_tokens: output, output_tokens_details: details, ...input } = usage as Fields;
  const begun = { ...message, content: [], stop_reason: null, stop_sequence: null, usage: { ...input, output_tokens: 1 } };
  const last = {
    delta: {
      stop_reason: reason,
      stop_sequence: sequence,
      ...('stop_details' in end ? { stop_details: end['stop_details'] } : {}),
    },
    usage: { output_tokens: output, ...(details === undefined ? {} : { output_tokens_details: details }) },
  };
  return [
    { type: 'message_start', message: begun },
    { type: 'ping' },
    ...blocks.flatMap((block, index) => eventsOfBlock(block, index)),
    { type: 'message_delta', ...last },
    { type: 'message_stop' },
  ];
}

function eventsOfBlock(block: Fields, index: number): Fields[] {
  const [begun, deltas] = piecesOf(block);
  return [
    { type: 'content_block_start', index, content_block: begun },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

/** A block as it begins, and its pieces. */
function piecesOf(block: Fields): [Fields, Fields[]] {
  const { type, text, thinking, signature, input } = block;
  if (type === 'text') return [{ type, text: '' }, pieces(text).map((piece) => ({ type: 'text_delta', text: piece }))];
  if (type === 'tool_use') {
    const json = JSON.stringify(input);
    const told = json === '{}' ? [] : pieces(json).map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
    return [{ ...block, input: {} }, [{ type: 'input_json_delta', partial_json: '' }, ...told]];
  }
  if (type !== 'thinking') return [block, []];
  const words = pieces(thinking).map((piece) => ({ type: 'thinking_delta', thinking: piece }));
  return [{ type, thinking: '', signature: '' }, [...words, { type: 'signature_delta', signature }]];
}

function pieces(text: unknown): string[] {
  return String(text).match(/.{1,4}/gsu) ?? [];
}

/** Sends events as the real one does. */
export function sendAnthropicEvents(response: ServerResponse, events: readonly Fields[]): void {
  response.setHeader('content-type', 'text/event-stream');
  for (const event of events) response.write(eventText(event));
  response.end();
}

export function eventText(event: Fields): string {
  return `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The events of a stream that has come, by the JSON of their data. */
export function dataOf(stream: string): Fields[] {
  const lines = stream.split('\n').filter((line) => line.startsWith('data: '));
  return lines.map((line) => JSON.parse(line.slice('data: '.length)) as Fields);
}

function headFault({ method, url, headers }: IncomingMessage): [number, string, string] | undefined {
  if (method !== 'POST' || url !== '/v1/messages') return [404, 'not_found_error', `${String(url)} is not there`];
  const key = headers['x-api-key'] ?? headers.authorization;
  if (key === undefined || key === '') return [401, 'authentication_error', 'x-api-key header is required'];
  if (headers['anthropic-version'] !== '2023-06-01')
    return [400, 'invalid_request_error', 'anthropic-version: header is required'];
  return undefined;
}
