import type { ServerResponse } from 'node:http';
import { isFields, type Fields } from '../../src/kernel/fields.js';
import { usualUsage, wholeOf, type Answer, type Heard, type Told } from '../fixtures/conversations/form.js';
import { errorReply, eventText, eventsOfMessage, messageOf, thoughtBlock } from './anthropic-provider.js';
import { breakOff, json } from './recorded-chat.js';

const error = { type: 'error', error: { type: 'overloaded_error', message: 'It broke.' } };
/** The length that is sent where the client says none. */
const usualLength = 16_384;

/** Says a recorded answer as a provider of the Messages API does. */
export function sayInAnthropic(response: ServerResponse, answer: Answer, streamed: boolean): void {
  const { end, refused } = answer;
  if (refused !== undefined) return errorReply(response, refused.status, refused.code, 'No.');
  const blocks = blocksOfAnswer(answer);
  const ended = endOf(answer);
  if (!streamed) {
    if (end === 'broken' || end === 'stopped') breakOff(response, JSON.stringify(messageOf(blocks, ended)));
    else json(response, end === 'error' ? error : messageOf(blocks, ended));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const events = eventsOfMessage(blocks, ended);
  const isCut = end === 'broken' || end === 'stopped' || end === 'error';
  // The end of the last block, the end of the message and its stop.
  for (const event of isCut ? events.slice(0, -3) : events) response.write(eventText(event));
  if (end === 'broken') response.write(': the end\n', () => response.destroy());
  else response.end(end === 'error' ? eventText(error) : undefined);
}

/** The blocks of an answer: calls come one after the other, each whole, and a custom tool takes one text. */
function blocksOfAnswer(answer: Answer): Fields[] {
  const { calls } = wholeOf(answer);
  const blocks: { type: string; words: string; call?: string }[] = [];
  for (const piece of answer.pieces) {
    if ('refusal' in piece) continue;
    if ('call' in piece) {
      if (!blocks.some(({ call }) => call === piece.call)) blocks.push({ type: 'tool_use', words: '', call: piece.call });
      continue;
    }
    const [type, words] = 'thought' in piece ? ['thinking', piece.thought] : ['text', piece.text];
    const last = blocks.at(-1);
    if (last?.type === type && !('isNext' in piece)) last.words += words;
    else blocks.push({ type, words });
  }
  return blocks.map(({ type, words, call: id }): Fields => {
    if (type === 'thinking') return thoughtBlock(words);
    if (type === 'text') return { type, text: words };
    const { name, input, isCustom } = calls.find((call) => call.id === id) ?? { name: '', input: '', isCustom: false };
    return { type, id, name, input: isCustom ? { input } : readInput(input) };
  });
}

/** What a call that was cut off had said by then is lost: this stand-in tells it as one without input. */
function readInput(input: string): Fields {
  try {
    return JSON.parse(input === '' ? '{}' : input) as Fields;
  } catch {
    return {};
  }
}

function endOf(answer: Answer): Fields {
  const { refusal } = wholeOf(answer);
  const { input, output, cached, thought } = answer.usage ?? usualUsage;
  const usage = {
    input_tokens: input - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: output,
    output_tokens_details: { thinking_tokens: thought },
  };
  if (answer.end === 'length') return { usage, stop_reason: 'max_tokens' };
  if (refusal === '') return answer.end === 'content_filter' ? { usage, stop_reason: 'refusal' } : { usage };
  return { usage, stop_reason: 'refusal', stop_details: { type: 'refusal', explanation: refusal } };
}

/**
 * What a client can hear of an answer over this wire. There are no log probabilities; a refusal ends like filtered content;
 * the input of a function is never empty, and where the answer is whole it is JSON as this stand-in prints it.
 */
export function heardInAnthropic(heard: Heard): Heard {
  const isCut = heard.end === 'failed';
  const calls = heard.calls.map((call) => (call.isCustom ? call : { ...call, input: inputHeard(call.input, isCut) }));
  return { ...heard, calls, logprobs: [], end: heard.refusal === '' ? heard.end : 'content_filter' };
}

/** What is cut off in the input of a call comes before any of the input. */
function inputHeard(input: string, isCut: boolean): string {
  return isCut ? '' : JSON.stringify(readInput(input));
}

/** What a request tells the model, in the form of {@link expectedInAnthropic}. @param customs names of tools that take a text. */
export function toldInAnthropic(body: Fields, customs: ReadonlySet<string>): Told {
  const { tools, system, messages, max_tokens: length, output_config: config } = body;
  const { effort, format } = isFields(config) ? config : ({} as Fields);
  const wants = {
    schema: isFields(format) ? format['schema'] : null,
    logprobs: false,
    effort: effort ?? null,
    limit: length === usualLength ? null : length,
  };
  return [
    ['tools', ...listOf(tools).map(({ name }) => name)],
    ['wants', wants],
    ...listOf(system).map(({ text }) => ['system', text] as const),
    ...merged(listOf(messages).flatMap((message) => messageTold(message, customs))),
  ];
}

/**
 * What `expectedOf` says, as far as this wire can say it: instructions stand in front, what one side says in a row is one
 * message, a refusal is a text, an image has no detail, an input is an object.
 */
export function expectedInAnthropic(told: Told, customs: ReadonlySet<string>): Told {
  const [tools, wants, ...said] = told;
  if (tools === undefined || wants === undefined) return told;
  const plain = said.map(([who, ...what]): Told[number] => {
    if (who === 'refusal') return ['assistant', ...what];
    if (who === 'user') return [who, ...what.map((part) => String(part).replace(/^(image .*) \w+$/s, '$1'))];
    if (who !== 'call') return [who, ...what];
    const [id, name, input] = what;
    return [who, id, name, customs.has(String(name)) ? input : JSON.stringify(readInput(String(input)))];
  });
  const system = plain.filter(([who]) => who === 'system');
  const rest = plain.filter(([who, text]) => who !== 'system' && !(who === 'assistant' && String(text).trim() === ''));
  return [tools, ['wants', { ...(wants[1] as Fields), logprobs: false }], ...system, ...merged(rest)];
}

function messageTold({ role, content }: Fields, customs: ReadonlySet<string>): Told {
  return listOf(content).flatMap((block): Told => {
    const { type, text, tool_use_id: id, content: parts, id: callId, name, input } = block;
    if (type === 'tool_result')
      return [
        [
          'result',
          plainId(id),
          listOf(parts)
            .map((part) => part['text'])
            .join(''),
        ],
      ];
    if (type === 'tool_use') return [['call', plainId(callId), name, inputTold(name, input as Fields, customs)]];
    if (type === 'text') return [[String(role), text]];
    return isFields(block['source']) ? [[String(role), fileTold(block, block['source'])]] : [];
  });
}

function inputTold(name: unknown, input: Fields, customs: ReadonlySet<string>): unknown {
  return customs.has(String(name)) ? input['input'] : JSON.stringify(input);
}

function fileTold({ type, title }: Fields, { url, media_type: media, data }: Fields): string {
  const address = typeof url === 'string' ? url : `data:${String(media)};base64,${String(data)}`;
  return type === 'image' ? `image ${address}` : `file ${String(title)} ${address}`;
}

/** An id that came before has a number behind it. */
function plainId(id: unknown): string {
  return String(id).replace(/-\d+$/, '');
}

/** What the user says in a row is one entry; of the assistant, texts in a row are. */
function merged(told: Told): Told {
  const all: [string, ...unknown[]][] = [];
  for (const [who, ...what] of told) {
    const last = all.at(-1);
    if (last?.[0] === who && who === 'user') last.push(...what);
    else if (last?.[0] === who && who === 'assistant') last[1] = `${String(last[1])}${what.map(String).join('')}`;
    else all.push([who, ...what]);
  }
  return all;
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : [];
}
