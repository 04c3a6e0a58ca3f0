import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestCertificate } from './certificate.js';

/** What a proxy in the field does wrong. */
export interface ProxyFaults {
  /** Headers of requests that it does not pass on. */
  readonly dropRequest?: readonly string[];
  /** Headers of requests that it sets. */
  readonly setRequest?: Readonly<Record<string, string>>;
  /** Headers of replies that it does not pass on. */
  readonly dropReply?: readonly string[];
  /** Headers of replies that it sets. */
  readonly setReply?: Readonly<Record<string, string>>;
  /** Sends a reply when it has all of it. */
  readonly buffers?: boolean;
  /** Breaks an event stream off behind its first piece. */
  readonly cutsStreams?: boolean;
  /** `strips`: passes an upgrade on as a plain GET; `refuses` it by itself; `swallows` every frame. */
  readonly sockets?: 'strips' | 'refuses' | 'swallows';
  /** Takes no larger body: `declared` by the header, `counted` as it comes, `resets` the connection then. */
  readonly bodyLimit?: { readonly bytes: number; readonly by: 'declared' | 'counted' | 'resets' };
  /** Answers by itself: with this status on paths that hold the text. */
  readonly answers?: { readonly status: number; readonly on: string };
  /** Passes on paths that begin so, and answers 404 by itself elsewhere. */
  readonly passesOnly?: string;
  /** Redirects everything there, path and all. */
  readonly redirectsTo?: string;
}

export interface FieldProxy {
  /** `http://127.0.0.1:port`, with a certificate `https://localhost:port`. */
  readonly url: string;
  /** The Authorization headers that came. */
  readonly authorizations: string[];
  close(): Promise<void>;
}

/** Stands in front of the platform, as proxies do, and does one thing wrong. */
export async function fieldProxy(target: string, faults: ProxyFaults = {}, certificate?: TestCertificate): Promise<FieldProxy> {
  const authorizations: string[] = [];
  const { hostname, port } = new URL(target);
  const serve: RequestListener = (request, response) => {
    if (request.headers.authorization !== undefined) authorizations.push(request.headers.authorization);
    if (!answeredHere(request, response, faults)) passOn(request, response, { hostname, port }, faults);
  };
  const server = certificate === undefined ? http.createServer(serve) : https.createServer(certificate, serve);
  const sockets = new Set<Duplex>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => upgrade(request, socket, { hostname, port }, faults));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = (server.address() as AddressInfo).port;
  return {
    url: certificate === undefined ? `http://127.0.0.1:${at}` : `https://localhost:${at}`,
    authorizations,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

type Target = Pick<URL, 'hostname' | 'port'>;

function page(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): true {
  const html = `<html><head><title>${status} of the proxy</title></head></html>`;
  response.writeHead(status, { server: 'field-proxy', 'content-type': 'text/html', ...headers }).end(html);
  return true;
}

function answeredHere(request: IncomingMessage, response: ServerResponse, faults: ProxyFaults): boolean {
  const path = request.url ?? '/';
  const { answers, bodyLimit, passesOnly, redirectsTo } = faults;
  if (redirectsTo !== undefined) return page(response, 308, { location: redirectsTo + path });
  if (answers !== undefined && path.includes(answers.on)) return page(response, answers.status);
  if (passesOnly !== undefined && !path.startsWith(passesOnly)) return page(response, 404);
  const isTooLong = bodyLimit?.by === 'declared' && Number(request.headers['content-length'] ?? 0) > bodyLimit.bytes;
  return isTooLong ? page(response, 413, { connection: 'close' }) : false;
}

function passOn(request: IncomingMessage, response: ServerResponse, target: Target, faults: ProxyFaults): void {
  const headers = without(request.headers, faults.dropRequest);
  const call = http.request({
    ...target,
    method: request.method,
    path: request.url,
    headers: { ...headers, ...faults.setRequest },
  });
  call.on('error', () => response.destroy());
  call.on('response', (answer) => reply(answer, response, faults));
  let taken = 0;
  request.on('data', (chunk: Buffer) => {
    taken += chunk.length;
    const { bodyLimit } = faults;
    if (bodyLimit === undefined || bodyLimit.by === 'declared' || taken <= bodyLimit.bytes) return void call.write(chunk);
    call.destroy();
    if (bodyLimit.by === 'resets') response.destroy();
    else if (!response.headersSent) page(response, 413, { connection: 'close' });
  });
  request.once('end', () => call.end());
  response.once('close', () => call.destroy());
  // The head alone may be what is waited for.
  call.flushHeaders();
}

function reply(answer: IncomingMessage, response: ServerResponse, faults: ProxyFaults): void {
  const headers = { ...without(answer.headers, faults.dropReply), ...faults.setReply };
  answer.on('error', () => response.destroy());
  if (faults.buffers === true) {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.once('end', () => response.writeHead(answer.statusCode ?? 502, headers).end(Buffer.concat(chunks)));
    return;
  }
  response.writeHead(answer.statusCode ?? 502, headers);
  const cuts = faults.cutsStreams === true && String(answer.headers['content-type']).startsWith('text/event-stream');
  if (cuts) answer.once('data', (chunk: Buffer) => response.write(chunk, () => response.destroy()));
  else answer.pipe(response);
}

function upgrade(request: IncomingMessage, socket: Duplex, target: Target, faults: ProxyFaults): void {
  socket.on('error', () => undefined);
  if (faults.sockets === 'refuses') return void socket.end('HTTP/1.1 403 No\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno');
  const dropped = [...(faults.dropRequest ?? []), ...(faults.sockets === 'strips' ? ['upgrade', 'connection'] : [])];
  const headers = { ...without(request.headers, dropped), ...faults.setRequest };
  const upstream = net.connect(Number(target.port), target.hostname);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
  upstream.write(`GET ${request.url ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  upstream.on('error', () => socket.destroy()).once('close', () => socket.destroy());
  socket.once('close', () => upstream.destroy());
  upstream.pipe(socket);
  if (faults.sockets === 'swallows') socket.resume();
  else socket.pipe(upstream);
}

function without(headers: IncomingMessage['headers'], names: readonly string[] = []): http.OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
