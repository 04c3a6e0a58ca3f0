import http, { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';

/** What every call of one examination has in common. */
export interface Line {
  /** Certificates (PEM) to trust beside Node's. */
  readonly ca?: string | undefined;
  /** How long a call waits that says nothing else; by default 30 s. */
  readonly limitMs?: number;
}

export interface Call {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The body is sent only when nothing was answered to the head within so many milliseconds; then `bodySent` is true. */
  readonly headFirstMs?: number;
  /** Nothing of the body is sent, whatever the headers say of it; without an answer after so many milliseconds there is none. */
  readonly headOnlyMs?: number;
  readonly limitMs?: number;
}

/** An answer, with when its parts came: in milliseconds since the call began. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly headMs: number;
  /** The first byte of the body; null for an empty one. */
  readonly firstByteMs: number | null;
  readonly lastByteMs: number;
  /** False when the connection broke before the end. */
  readonly isWhole: boolean;
}

const usualLimitMs = 30_000;
const mostBytes = 16 * 1024 * 1024;

/** No answer was there in the time that a call allows. */
export class NoAnswerError extends Error {
  constructor() {
    super('no answer');
    this.name = 'NoAnswerError';
  }
}

/**
 * One call on a connection of its own, so that all take the same way; redirects are not followed.
 * @throws NoAnswerError, or what Node throws when there is no connection.
 */
export function call(line: Line, { url, method = 'GET', headers = {}, body, ...how }: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const beganAt = performance.now();
    const since = (): number => performance.now() - beganAt;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = opening(url)(url, { method, headers: { ...length, ...headers }, agent: false, ...trusting(line) });
    const limit = setTimeout(
      () => request.destroy(new NoAnswerError()),
      how.headOnlyMs ?? how.limitMs ?? line.limitMs ?? usualLimitMs,
    );
    let answered = false;
    request.on('response', (response) => {
      answered = true;
      read(response, since).then((reply) => {
        clearTimeout(limit);
        // What was not sent of the body is not waited for.
        request.destroy();
        resolve(reply);
      }, reject);
    });
    request.on('error', (error) => {
      if (answered) return;
      clearTimeout(limit);
      reject(error);
    });
    send(request, { body, ...how }, () => answered);
  });
}

function opening(url: string): typeof http.request {
  return url.startsWith('https:') ? https.request : http.request;
}

/** Options of a TLS connection that trusts Node's certificates and the given ones. */
export function trusting({ ca }: Line): { ca?: string[] } {
  return ca === undefined ? {} : { ca: [ca] };
}

function send(request: ClientRequest, { body, headFirstMs, headOnlyMs }: Partial<Call>, isAnswered: () => boolean): void {
  if (headOnlyMs !== undefined) return request.flushHeaders();
  if (headFirstMs === undefined) return void request.end(body);
  request.flushHeaders();
  void wait(headFirstMs).then(() => {
    if (!isAnswered() && !request.destroyed) request.end(body);
  });
}

/** The whole answer; one that breaks off or never ends counts as far as it came. */
function read(response: IncomingMessage, since: () => number): Promise<Reply> {
  const headMs = since();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let firstByteMs: number | null = null;
  let lastByteMs = headMs;
  return new Promise((resolve) => {
    response.on('data', (chunk: Buffer) => {
      lastByteMs = since();
      firstByteMs ??= lastByteMs;
      bytes += chunk.length;
      if (bytes > mostBytes) response.destroy();
      else chunks.push(chunk);
    });
    response.on('error', () => undefined);
    response.once('close', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: Buffer.concat(chunks).toString('utf8'),
        headMs,
        firstByteMs,
        lastByteMs,
        isWhole: response.complete,
      }),
    );
  });
}
