import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a provider was asked. */
export interface AskedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers one request. */
export type MediaAnswer = (asked: AskedRequest, response: ServerResponse) => void;

export interface MediaProvider {
  /** Ends with `/v1`. */
  readonly url: string;
  /** What was asked so far, the oldest first. */
  readonly asked: readonly AskedRequest[];
  /** What was asked last. @throws Error when nothing was. */
  last(): AskedRequest;
  answerWith(answer: MediaAnswer): void;
  close(): Promise<void>;
}

/** A provider of sound, images and judgements that remembers what it was asked and answers as the test says. */
export async function startMediaProvider(): Promise<MediaProvider> {
  const asked: AskedRequest[] = [];
  let answer: MediaAnswer = (_asked, response) => response.writeHead(500).end();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
      const one = { path: request.url ?? '', headers: request.headers, body };
      asked.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    last: () => {
      const last = asked.at(-1);
      if (last === undefined) throw new Error('The provider was not asked.');
      return last;
    },
    answerWith: (next) => {
      answer = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An answer of JSON. */
export const jsonAnswer =
  (body: unknown, status = 200, type = 'application/json'): MediaAnswer =>
  (_asked, response) =>
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
