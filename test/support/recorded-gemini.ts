import type { ServerResponse } from 'node:http';
import { isFields, type Fields } from '../../src/kernel/fields.js';
import {
  usualUsage,
  wholeOf,
  type Answer,
  type Piece,
  type Recorded,
  type Told,
  type Usage,
} from '../fixtures/conversations/form.js';
import { refuse } from './gemini-provider.js';
import { breakOff } from './recorded-chat.js';

const names = { length: 'MAX_TOKENS', content_filter: 'SAFETY', stop: 'STOP' } as const;
const tooLong = 'The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).';
const states: Readonly<Record<number, string>> = { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 429: 'RESOURCE_EXHAUSTED' };

/**
 * A conversation as it can be held with Gemini: calls come whole, at least as an empty object, or not at all. Undefined where it
 * is about what Gemini has no word for: refusals in words, log probabilities.
 */
export function heldWithGemini(recorded: Recorded): Recorded | undefined {
  const answers = recorded.exchanges.map(({ answer }) => answer);
  const hasRefusal = answers.some(({ pieces }) => pieces.some((piece) => 'refusal' in piece));
  if (hasRefusal || recorded.wants?.logprobs === true) return undefined;
  const exchanges = recorded.exchanges.map(({ said, answer }) => ({ said, answer: { ...answer, pieces: wholeCalls(answer) } }));
  return { ...recorded, exchanges };
}

/** What a request to Gemini tells the model, in the form of `Told`. @param customs names of tools that take a text. */
export function toldInGemini(body: Fields, customs: ReadonlySet<string>): Told {
  const { systemInstruction: system, contents, tools, generationConfig: config } = body;
  const { responseJsonSchema: schema, maxOutputTokens: limit, thinkingConfig: thinking } = isFields(config) ? config : {};
  const effort = isFields(thinking) ? thinking['thinkingLevel'] : undefined;
  const wants = { schema: schema ?? null, logprobs: false, effort: effort ?? null, limit: limit ?? null };
  const functions = listOf(tools).flatMap(({ functionDeclarations: told }) => listOf(told));
  return [
    ['tools', ...functions.map(({ name }) => name)],
    ['wants', wants],
    ...(isFields(system) ? listOf(system['parts']).map(({ text }) => ['system', text] as const) : []),
    ...listOf(contents).flatMap((content) => contentTold(content, customs)),
  ];
}

/** The same where Gemini cannot tell it apart: messages of the user behind each other, details of images, names of files. */
export function asGeminiTellsIt(told: Told): Told {
  const all: (readonly [string, ...unknown[]])[] = [];
  for (const [who, ...what] of told) {
    const plain =
      who === 'user' ? what.map((part) => String(part).replace(/^image (\S+) \S+$|^file .* (data:\S+)$/, '$1$2')) : what;
    const last = all.at(-1);
    if (who === 'user' && last?.[0] === 'user') all[all.length - 1] = [...last, ...plain];
    else all.push([who, ...plain]);
  }
  return all;
}

/** Says a recorded answer as Gemini does. */
export function sayInGemini(response: ServerResponse, answer: Answer, streamed: boolean): void {
  const { refused, end = 'stop' } = answer;
  if (refused !== undefined) {
    const words = refused.code === 'context_length_exceeded' ? tooLong : 'No.';
    refuse(response, refused.status, states[refused.status] ?? 'INTERNAL', words);
  } else if (streamed) stream(response, answer);
  else if (end === 'broken' || end === 'stopped') breakOff(response, wholeText(answer, 'STOP'));
  else response.setHeader('content-type', 'application/json').end(end === 'error' ? failure : wholeText(answer, names[end]));
}

const failure = JSON.stringify({ error: { code: 500, message: 'It broke.', status: 'INTERNAL' } });

function stream(response: ServerResponse, answer: Answer): void {
  const { end = 'stop', pieces } = answer;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (text: string): unknown => response.write(`data: ${text}\r\n\r\n`);
  for (const part of partTexts(pieces)) send(`{"candidates":[{"content":{"parts":[${part}],"role":"model"},"index":0}]}`);
  if (end === 'broken') {
    response.write(': the end\n', () => response.destroy());
    return;
  }
  if (end === 'error') send(failure);
  else if (end !== 'stopped') send(wholeText({ ...answer, pieces: [] }, names[end]));
  response.end();
}

function wholeText({ pieces, usage = usualUsage }: Answer, reason: string): string {
  const content = `{"parts":[${partTexts(pieces).join(',')}],"role":"model"}`;
  const candidate = `{"content":${content},"finishReason":"${reason}","index":0}`;
  return `{"candidates":[${candidate}],"usageMetadata":${JSON.stringify(metadata(usage))},"modelVersion":"provider-model"}`;
}

/** JSON texts: the arguments of calls stand in them as they were recorded. The first call is signed. */
function partTexts(pieces: readonly Piece[]): string[] {
  let calls = 0;
  return pieces.flatMap((piece): string[] => {
    if ('thought' in piece) return [JSON.stringify({ text: (piece.isNext === true ? '\n' : '') + piece.thought, thought: true })];
    if ('text' in piece) return [JSON.stringify({ text: piece.text })];
    if (!('name' in piece)) return [];
    calls += 1;
    const args = piece.isCustom === true ? JSON.stringify({ input: piece.input }) : piece.input;
    const call = `{"id":${JSON.stringify(piece.call)},"name":${JSON.stringify(piece.name)},"args":${args}}`;
    return [`{"functionCall":${call}${calls === 1 ? ',"thoughtSignature":"c2lnbmVk"' : ''}}`];
  });
}

/** What is 0 is not told. */
function metadata({ input, output, cached, thought }: Usage): object {
  return {
    promptTokenCount: input,
    candidatesTokenCount: output - thought,
    totalTokenCount: input + output,
    ...(cached === 0 ? {} : { cachedContentTokenCount: cached }),
    ...(thought === 0 ? {} : { thoughtsTokenCount: thought }),
  };
}

function wholeCalls(answer: Answer): Piece[] {
  const inputs = new Map(wholeOf(answer).calls.map(({ id, input, isCustom }) => [id, isCustom ? input : objectText(input)]));
  return answer.pieces.flatMap((piece): Piece[] => {
    if (!('call' in piece)) return [piece];
    const input = inputs.get(piece.call);
    return input === undefined || !('name' in piece) ? [] : [{ ...piece, input }];
  });
}

function objectText(input: string): string | undefined {
  if (input === '') return '{}';
  try {
    JSON.parse(input);
    return input;
  } catch {
    return undefined;
  }
}

function contentTold({ role, parts }: Fields, customs: ReadonlySet<string>): Told {
  const told: (readonly [string, ...unknown[]])[] = [];
  for (const part of listOf(parts)) {
    const { functionCall: call, functionResponse: result } = part;
    const last = told.at(-1);
    if (isFields(call)) told.push(['call', call['id'], call['name'], inputOf(call, customs)]);
    else if (isFields(result))
      told.push(['result', result['id'], isFields(result['response']) ? result['response']['output'] : null]);
    else if (role === 'model') told.push(['assistant', part['text']]);
    else if (last?.[0] === 'user') told[told.length - 1] = [...last, wordsOf(part)];
    else told.push(['user', wordsOf(part)]);
  }
  return told;
}

function inputOf({ name, args }: Fields, customs: ReadonlySet<string>): unknown {
  return customs.has(String(name)) && isFields(args) ? args['input'] : JSON.stringify(args);
}

function wordsOf({ text, inlineData: data, fileData: file }: Fields): unknown {
  if (isFields(data)) return `data:${String(data['mimeType'])};base64,${String(data['data'])}`;
  return isFields(file) ? file['fileUri'] : text;
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isFields) : [];
}
