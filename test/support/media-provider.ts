import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { listen, type Listening } from './listening.js';

/** What a provider was asked. */
export interface AskedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers one request. */
export type MediaAnswer = (asked: AskedRequest, response: ServerResponse) => void;

export interface MediaProvider extends Listening {
  /** What was asked so far, the oldest first. */
  readonly asked: readonly AskedRequest[];
  /** What was asked last. @throws Error when nothing was. */
  last(): AskedRequest;
  answerWith(answer: MediaAnswer): void;
}

/** A provider of sound, images and judgements that remembers what it was asked and answers as the test says. */
export async function startMediaProvider(): Promise<MediaProvider> {
  const asked: AskedRequest[] = [];
  let answer: MediaAnswer = (_asked, response) => response.writeHead(500).end();
  const listening = await listen((text, { url = '', headers }, response) => {
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    const one = { path: url, headers, body };
    asked.push(one);
    answer(one, response);
  });
  return {
    ...listening,
    asked,
    last: () => {
      const last = asked.at(-1);
      if (last === undefined) throw new Error('The provider was not asked.');
      return last;
    },
    answerWith: (next) => {
      answer = next;
    },
  };
}

/** An answer of JSON. */
export const jsonAnswer =
  (body: unknown, status = 200, type = 'application/json'): MediaAnswer =>
  (_asked, response) =>
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
