import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerError, send } from './answers.js';
import { SandboxError, unauthorized, unknownUrl, wrongMethod } from './errors.js';
import { Exchange } from './exchange.js';
import { readWholeBody } from './body-reader.js';
import { imageAt } from './images/image-answer.js';
import { routeFinder, type RouteFinder, type SandboxPart } from './routes.js';
import { SandboxState } from './sandbox-state.js';

export interface SandboxOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** The only bearer token that is let in; without it every caller is. */
  readonly token?: string | undefined;
  /** The only parts of the API that there are; every other route is an unknown URL. Without it all parts are there. */
  readonly only?: readonly SandboxPart[] | undefined;
}

/** A running sandbox. */
export interface Sandbox {
  /** Address without `/v1`, e.g. `http://127.0.0.1:4120`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening, lets open requests run for that many milliseconds (default 0), then breaks what is left. */
  readonly close: (graceMs?: number) => Promise<void>;
}

const maxBodyBytes = 256 * 1024 * 1024;

/**
 * Starts the offline provider in this process.
 * @throws the system's error (`EADDRINUSE`, `EACCES`) when it cannot listen there.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const state = new SandboxState();
  const find = routeFinder(options.only);
  const server = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0 }, (request, response) => {
    accept(new Exchange(request, response, state, pathOf(request)), options.token, find);
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, port, close: (graceMs = 0) => close(server, graceMs) };
}

function listen(server: Server, options: SandboxOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const ends = setTimeout(() => server.closeAllConnections(), graceMs);
    // A connection whose last answer ends after `close` stays open for its next request unless someone closes it.
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    server.close(() => {
      clearTimeout(ends);
      clearInterval(sweep);
      resolve();
    });
    if (graceMs === 0) server.closeAllConnections();
  });
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function accept(exchange: Exchange, token: string | undefined, find: RouteFinder): void {
  if (exchange.path.startsWith('/v1/')) void serve(exchange, token, find);
  else serveOwn(exchange);
}

/** The sandbox's own pages: not part of the provider's API, without a token, not counted. */
function serveOwn(exchange: Exchange): void {
  const { request, state, path } = exchange;
  const json = (value: object) => send(exchange, 200, 'application/json', JSON.stringify(value));
  const stats = () => json({ active: state.active, total: state.total, aborted: state.aborted });
  const asked = `${request.method} ${path}`;
  if (asked === 'GET /healthz') return json({ status: 'ok' });
  if (asked === 'GET /sandbox/stats') return stats();
  if (asked === 'GET /sandbox/requests') return json({ requests: state.requests });
  const image = request.method === 'GET' ? imageAt(path) : undefined;
  if (image !== undefined) return send(exchange, 200, 'image/png', image);
  if (asked !== 'POST /sandbox/stats/reset') return answerError(exchange, unknownUrl(request.method ?? 'GET', path));
  state.resetStats();
  stats();
}

async function serve(exchange: Exchange, token: string | undefined, find: RouteFinder): Promise<void> {
  count(exchange);
  try {
    const { request } = exchange;
    checkToken(request, token);
    const method = request.method ?? 'GET';
    const route = find(method, exchange.path);
    if (!('handle' in route))
      throw route.length === 0 ? unknownUrl(method, exchange.path) : wrongMethod(method, exchange.path, route.join(', '));
    if (method === 'POST' && route.readsBody !== true) exchange.body = await readWholeBody(request, maxBodyBytes);
    await route.handle(exchange);
  } catch (error) {
    fail(exchange, error);
  }
}

function count(exchange: Exchange): void {
  const { state, request, response } = exchange;
  const id = request.headers['x-request-id'];
  if (typeof id === 'string') state.noteRequest(id);
  state.active += 1;
  state.total += 1;
  response.once('close', () => {
    state.active -= 1;
    if (exchange.abortedByClient) state.aborted += 1;
  });
}

function checkToken(request: IncomingMessage, token: string | undefined): void {
  if (token === undefined) return;
  const sent = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (sent !== token) throw unauthorized(sent);
}

function fail(exchange: Exchange, error: unknown): void {
  if (exchange.gone) return;
  if (error instanceof SandboxError) return answerError(exchange, error);
  // Anything else is a fault of the sandbox itself: say so where its operator looks.
  process.stderr.write(`sandbox: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  if (exchange.response.headersSent) exchange.response.destroy();
  else
    answerError(
      exchange,
      new SandboxError(500, { message: 'The sandbox has a bug.', type: 'server_error', param: null, code: null }),
    );
}
