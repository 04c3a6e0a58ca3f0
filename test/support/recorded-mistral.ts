import type { ServerResponse } from 'node:http';
import type { Fields } from '../../src/kernel/fields.js';
import {
  usualUsage,
  wholeOf,
  type Answer,
  type Heard,
  type Piece,
  type Recorded,
  type Told,
} from '../fixtures/conversations/form.js';
import { breakOff, json } from './recorded-chat.js';
import { asGeminiTellsIt, heldWithGemini } from './recorded-gemini.js';
import { toldIn } from './recorded-provider.js';

const failure = { object: 'error', message: 'It broke.', type: 'server_error', param: null, code: null };

/**
 * A conversation as it can be held with Mistral: calls come whole, nothing is filtered, and addresses of images are not
 * fetched. Undefined where it is about what Mistral has no word for.
 */
export function heldWithMistral(recorded: Recorded): Recorded | undefined {
  const hasAddress = JSON.stringify(recorded).includes('"image":"https:');
  const isFiltered = recorded.exchanges.some(({ answer }) => answer.end === 'content_filter');
  return hasAddress || isFiltered ? undefined : heldWithGemini(recorded);
}

/** Mistral does not count thoughts. */
export function heardInMistral(heard: Heard): Heard {
  return heard.usage === null ? heard : { ...heard, usage: { ...heard.usage, thought: 0 } };
}

/** Says a recorded answer as Mistral does. */
export function sayInMistral(response: ServerResponse, answer: Answer, streamed: boolean): void {
  const { refused, end = 'stop' } = answer;
  if (refused !== undefined) {
    const error = { object: 'error', message: 'No.', type: 'invalid_request_error', param: null, code: refused.code };
    response.writeHead(refused.status, { 'content-type': 'application/json' }).end(JSON.stringify(error));
  } else if (streamed) stream(response, answer);
  else if (end === 'broken' || end === 'stopped') breakOff(response, JSON.stringify(whole(answer)));
  else json(response, end === 'error' ? failure : whole(answer));
}

function stream(response: ServerResponse, answer: Answer): void {
  const { end = 'stop', pieces } = answer;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (event: object): unknown => response.write(`data: ${JSON.stringify(event)}\n\n`);
  const say = (delta: object, finish: string | null = null, further: object = {}): unknown =>
    send({ id: 'recorded', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...further });
  say({ role: 'assistant', content: '' });
  let calls = 0;
  for (const piece of pieces) {
    if ('thought' in piece) say({ content: [thinking(piece)] });
    else if ('text' in piece) say({ content: piece.text });
    else if ('name' in piece) say({ content: '', tool_calls: [callOf(piece, calls++)] });
  }
  if (end === 'broken') {
    response.write(': the end\n', () => response.destroy());
    return;
  }
  if (end === 'error') send(failure);
  else if (end !== 'stopped') {
    say({ content: '' }, finishOf(answer), { usage: usageOf(answer) });
    response.write('data: [DONE]\n\n');
  }
  response.end();
}

function whole(answer: Answer): object {
  const { pieces } = answer;
  const thoughts = pieces.flatMap((piece) => ('thought' in piece ? [thinking(piece)] : []));
  const calls = pieces.flatMap((piece) => ('name' in piece ? [piece] : [])).map((piece, at) => callOf(piece, at));
  const { text } = wholeOf(answer);
  const content = thoughts.length === 0 ? text : [...thoughts, { type: 'text', text }];
  const message = { role: 'assistant', content, tool_calls: calls.length === 0 ? null : calls };
  return {
    id: 'recorded',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message, finish_reason: finishOf(answer) }],
    usage: usageOf(answer),
  };
}

function thinking({ thought, isNext }: Extract<Piece, { thought: string }>): object {
  return { type: 'thinking', thinking: [{ type: 'text', text: (isNext === true ? '\n' : '') + thought }] };
}

function callOf({ call: id, name, input, isCustom }: Extract<Piece, { name: string }>, index: number): object {
  const told = isCustom === true ? JSON.stringify({ input }) : input;
  return { index, id, type: 'function', function: { name, arguments: told } };
}

function finishOf({ end, pieces }: Answer): string {
  if (end === 'length') return 'length';
  return pieces.some((piece) => 'call' in piece) ? 'tool_calls' : 'stop';
}

function usageOf({ usage: { input, output, cached } = usualUsage }: Answer): object {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output, num_cached_tokens: cached };
}

/** What a request to Mistral tells the model, in the form of {@link asMistralTellsIt}. */
export function toldInMistral(body: Fields, customs: ReadonlySet<string>): Told {
  const messages = (body['messages'] as Fields[]).map(({ content, ...message }) => ({
    ...message,
    content: Array.isArray(content) ? (content as Fields[]).map(withFile) : content,
  }));
  return asGeminiTellsIt(toldIn({ ...body, messages, max_completion_tokens: body['max_tokens'] }, customs));
}

/** What `expectedOf` says as far as Mistral can tell it: a model thinks, or does not. */
export function asMistralTellsIt(told: Told): Told {
  const [tools, wants, ...said] = asGeminiTellsIt(told);
  if (tools === undefined || wants === undefined) return told;
  const { effort, ...others } = wants[1] as Fields;
  return [tools, ['wants', { ...others, effort: effort === null ? null : 'high' }], ...said];
}

function withFile(part: Fields): Fields {
  const { document_url: url } = part;
  return typeof url === 'string' ? { file: { filename: '-', file_data: url } } : part;
}
