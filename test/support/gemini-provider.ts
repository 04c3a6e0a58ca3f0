import type { ServerResponse } from 'node:http';
import { isFields, type Fields } from '../../src/kernel/fields.js';
import { faultOfRequest } from './gemini-faults.js';
import { listen, type Listening } from './listening.js';

/** What Gemini is asked. */
export interface GeminiAsked {
  /** Without `models/`. */
  readonly model: string;
  readonly streamed: boolean;
  readonly body: Fields;
  /** The body as it was written. */
  readonly text: string;
}

/** Answers one request that Google would take; `tellGemini` says what a model says. */
export type GeminiAnswer = (asked: GeminiAsked, response: ServerResponse) => void;

export interface GeminiProvider extends Listening {
  /** What came and was not refused, the oldest first. */
  readonly asked: readonly GeminiAsked[];
  /** Decides the answers from now on. */
  answerWith(answer: GeminiAnswer): void;
}

const path = /^\/v1beta\/(models|tunedModels)\/([^/:?]+):(\w+)(\?alt=sse)?$/;

/** A stand-in for Gemini's API: it refuses what Google refuses, and remembers the rest. Its `url` ends with `/v1beta`. */
export async function startGeminiProvider(): Promise<GeminiProvider> {
  const asked: GeminiAsked[] = [];
  let answer: GeminiAnswer = (one, response) => tellGemini(response, one.streamed, [textEvent('Hello.'), endEvent()]);
  const listening = await listen((text, request, response) => {
    const [, , name = '', method = '', events] = path.exec(request.url ?? '') ?? [];
    if (typeof request.headers['x-goog-api-key'] !== 'string')
      return refuse(response, 403, 'PERMISSION_DENIED', "Method doesn't allow unregistered callers.");
    if (method === '') return refuse(response, 404, 'NOT_FOUND', 'Requested entity was not found.');
    const body: unknown = JSON.parse(text);
    if (!isFields(body)) return refuse(response, 400, 'INVALID_ARGUMENT', 'Invalid JSON payload received.');
    const one = { model: decodeURIComponent(name), streamed: method === 'streamGenerateContent', body, text };
    const fault = faultOf(method, one, events !== undefined);
    if (fault !== undefined) return refuse(response, 400, 'INVALID_ARGUMENT', fault);
    asked.push(one);
    answer(one, response);
  });
  return {
    ...listening,
    url: listening.url.replace(/v1$/, 'v1beta'),
    asked,
    answerWith: (next) => {
      answer = next;
    },
  };
}

/** Says events as a stream, or as the one answer that says the same. JSON texts among them go as they are. */
export function tellGemini(response: ServerResponse, streamed: boolean, events: readonly (Fields | string)[]): void {
  const texts = events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event)));
  if (streamed) {
    response.setHeader('content-type', 'text/event-stream');
    for (const text of texts) response.write(`data: ${text}\r\n\r\n`);
    response.end();
  } else response.setHeader('content-type', 'application/json').end(JSON.stringify(wholeOfEvents(texts.map(fieldsOf))));
}

/** The answer in one piece that says what the events say. */
export function wholeOfEvents(events: readonly Fields[]): Fields {
  const parts = events.flatMap(partsOf);
  const candidates = events.flatMap(({ candidates: told }) => (Array.isArray(told) ? (told as Fields[]) : []));
  const [last] = candidates.slice(-1);
  const whole = Object.assign({}, ...events) as Fields;
  return last === undefined ? whole : { ...whole, candidates: [{ ...last, content: { parts, role: 'model' } }] };
}

/** An event with these parts. */
export function partsEvent(...parts: readonly Fields[]): Fields {
  return { candidates: [{ content: { parts, role: 'model' }, index: 0 }], modelVersion: 'gemini', responseId: 'r1' };
}

export function textEvent(text: string): Fields {
  return partsEvent({ text });
}

/** The last event of an answer. */
export function endEvent(
  reason = 'STOP',
  usage: Fields = { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 },
): Fields {
  return {
    candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: reason, index: 0 }],
    usageMetadata: usage,
  };
}

/** Refuses a request in Google's form. */
export function refuse(response: ServerResponse, code: number, status: string, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { code, message, status } }));
}

function faultOf(method: string, { model, body }: GeminiAsked, asEvents: boolean): string | undefined {
  switch (method) {
    case 'generateContent':
      return faultOfRequest(model, body);
    case 'streamGenerateContent':
      return asEvents ? faultOfRequest(model, body) : 'A stand-in streams events only.';
    case 'batchEmbedContents':
      return faultOfBatch(model, body['requests']);
    default:
      return `Unknown method ${method}`;
  }
}

function faultOfBatch(model: string, requests: unknown): string | undefined {
  if (!Array.isArray(requests) || requests.length === 0) return '* BatchEmbedContentsRequest.requests: requests is not specified';
  if (requests.length > 100) return '* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch';
  const isGood = (requests as Fields[]).every(({ model: named, content }) => named === `models/${model}` && isFields(content));
  return isGood ? undefined : '* BatchEmbedContentsRequest.requests: model must match the path';
}

function partsOf({ candidates }: Fields): Fields[] {
  const [candidate] = Array.isArray(candidates) ? (candidates as Fields[]) : [];
  const content = candidate?.['content'];
  return isFields(content) && Array.isArray(content['parts']) ? (content['parts'] as Fields[]) : [];
}

function fieldsOf(text: string): Fields {
  return JSON.parse(text) as Fields;
}
