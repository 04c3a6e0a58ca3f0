import { once } from 'node:events';
import { WebSocket } from 'ws';
import { until } from './until.js';

/** An event that came in a frame. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test reads of an event is judged by the test
export type SocketEvent = any;

/** A plain client of the WebSocket of Responses. */
export interface SocketClient {
  readonly raw: WebSocket;
  /** All events so far. */
  readonly events: readonly SocketEvent[];
  /** Code and reason, once the socket is closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Sends a frame; a `response.create` of `assistant` unless it says otherwise. */
  send(frame: object): void;
  /** Sends a frame and gives the events of its answer, up to the last one. */
  ask(frame: object): Promise<SocketEvent[]>;
  /** Waits for further events until one of them is the wanted one; gives it. */
  next(what: (event: SocketEvent) => boolean): Promise<SocketEvent>;
  close(): void;
}

/** True for an event behind which its response says nothing more. */
export const isLast = ({ type }: SocketEvent): boolean =>
  ['response.completed', 'response.incomplete', 'response.failed', 'error'].includes(String(type));

/** Opens a socket. @throws Error when the handshake is refused. */
export async function openSocket(
  baseUrl: string,
  secret: string,
  { headers, ...options }: { readonly autoPong?: boolean; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<SocketClient> {
  const raw = new WebSocket(`${baseUrl.replace(/^http/, 'ws')}/responses`, {
    headers: { authorization: `Bearer ${secret}`, ...headers },
    ...options,
  });
  const events: SocketEvent[] = [];
  raw.on('message', (data: Buffer) => events.push(JSON.parse(data.toString('utf8'))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    raw.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  await once(raw, 'open');
  raw.on('error', () => undefined);
  const next = (what: (event: SocketEvent) => boolean, from = 0): Promise<SocketEvent> =>
    until('the event comes', () => events.slice(from).find(what) as SocketEvent);
  const send = (frame: object): void => raw.send(JSON.stringify({ type: 'response.create', model: 'assistant', ...frame }));
  return {
    raw,
    events,
    closed,
    send,
    ask: async (frame) => {
      const from = events.length;
      send(frame);
      await next(isLast, from);
      return events.slice(from, events.findIndex((event, at) => at >= from && isLast(event)) + 1);
    },
    next: (what) => next(what),
    close: () => raw.terminate(),
  };
}

/** The status with which a handshake is answered: 101 for a socket that opens, which is closed again. */
export async function statusOfUpgrade(baseUrl: string, secret: string): Promise<number> {
  return (await refusedUpgrade(`${baseUrl}/responses`, { authorization: `Bearer ${secret}` })).status;
}

/** What a refused handshake is answered; status 101 alone when it is not refused. */
export async function refusedUpgrade(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly body: SocketEvent }> {
  const raw = new WebSocket(url.replace(/^http/, 'ws'), { headers });
  raw.on('error', () => undefined);
  const response = await new Promise<import('node:http').IncomingMessage | undefined>((resolve) =>
    raw.once('unexpected-response', (_request, answer) => resolve(answer)).once('open', () => resolve(undefined)),
  );
  if (response === undefined) {
    raw.terminate();
    return { status: 101, headers: {}, body: { error: {} } };
  }
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(Buffer.concat(parts).toString('utf8')) };
}
