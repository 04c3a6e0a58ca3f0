import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { expectError, expectIds } from './envelope.js';
import { bearer, matrixRows } from './matrix.js';
import { startPlatform, type TestPlatform } from './platform.js';
import { RawConnection, rawCall, requestBytes, type HeaderList, type RawReply } from './raw-http.js';

/** Small limits, so that a test reaches them with small bodies. */
export const maxJsonBytes = 64 * 1024;
const maxBodiesBytes = 256 * 1024;

/** The platform of the test file that has called `useBadInput`, and how to call it. */
export let platform: TestPlatform;
export let url: string;
export let host: string;
export let auth: HeaderList;
const open: RawConnection[] = [];

/** Starts a platform for the test file. After each test the process must still answer. */
export function useBadInput(): void {
  beforeAll(async () => {
    platform = await startPlatform({
      settings: { GT_MAX_JSON_BYTES: String(maxJsonBytes), GT_MAX_BODIES_BYTES: String(maxBodiesBytes) },
    });
    await serveEverything();
    url = platform.app.url;
    host = new URL(url).host;
    auth = bearer((await platform.factory.key(platform.acme)).secret);
  });
  afterAll(() => platform.close());
  afterEach(async () => {
    for (const connection of open.splice(0)) connection.destroy();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
}

/** The alias `assistant` answers every kind of call, so that each route has a body that is taken. */
async function serveEverything(): Promise<void> {
  const { acme, factory } = platform;
  const of = (model: string) => ({ connection: acme.connectionId, model });
  const models = {
    chat: of('sandbox-chat'),
    embed: of('sandbox-embed'),
    moderate: of('sandbox-moderate'),
    image: of('sandbox-image'),
    speech: of('sandbox-speech'),
  };
  await factory.run(async (tx) => {
    await tx.endpoint.deleteMany({ where: { tenantId: acme.id, name: 'assistant' } });
    await tx.agent.updateMany({ where: { tenantId: acme.id, name: 'assistant' }, data: { name: 'former' } });
  });
  await factory.alias(acme, 'assistant', { models }, true);
}

/** The routes that take JSON of which no schema stands in their row: it is relayed. */
export const routes: readonly string[] = matrixRows
  .filter(({ body, request }) => body === 'json' && request === undefined)
  .map(({ path }) => path);

/** The member that holds what is to be worked on, and a value of it that is taken. */
const inputs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  chat: { messages: [{ role: 'user', content: 'hi' }] },
  completions: { prompt: 'hi' },
  embeddings: { input: 'hi' },
  responses: { input: 'hi' },
  moderations: { input: 'hi' },
  images: { prompt: 'hi' },
  audio: { input: 'hi', voice: 'alloy' },
};

/** Routes whose calls may leave the model to the tenant's default endpoint. */
export const isModelOptional = (route: string): boolean => /^\/(?:moderations|images|audio)/.test(route);

/** A route that works on something else where its input is left out. */
export const isInputOptional = (route: string): boolean => route === '/responses/input_tokens';

function inputFor(route: string): Readonly<Record<string, unknown>> {
  const input = inputs[route.split('/')[1] ?? ''];
  if (input === undefined) throw new Error(`Say in inputs what ${route} works on.`);
  return input;
}

/** The name of that member. */
export function inputOf(route: string): string {
  return Object.keys(inputFor(route))[0] ?? '';
}

/** A body that is answered with 200, with other members beside or instead. */
export function good(route: string, more: object = {}): Record<string, unknown> {
  return { model: 'assistant', ...inputFor(route), ...more };
}

/** A POST with the length that its body has. */
export function post(
  route: string,
  body: string | Buffer,
  headers: HeaderList = [['Content-Type', 'application/json']],
): Promise<RawReply> {
  return rawCall(
    url,
    requestBytes(
      'POST',
      `/api/tenant/v1${route}`,
      [['Host', host], ...auth, ...headers, ['Content-Length', String(Buffer.byteLength(body))]],
      body,
    ),
  );
}

export const postJson = (route: string, body: unknown): Promise<RawReply> => post(route, JSON.stringify(body));

/** A connection that is closed after the test. */
export function connect(): RawConnection {
  const connection = new RawConnection(url);
  open.push(connection);
  return connection;
}

/** Answered with success or the caller's fault, never the server's; refusals in the envelope. */
export function expectNoFault(reply: RawReply): void {
  if (reply.status === 200) expectIds(reply.headers);
  else expectError(reply, { status: reply.status });
  expect([reply.status, reply.status < 500, reply.text]).toEqual([reply.status, true, reply.text]);
}

/** Headers of a JSON body of this length that is let in. */
export function jsonHeaders(length: number): HeaderList {
  return [['Host', host], ...auth, ['Content-Type', 'application/json'], ['Content-Length', String(length)]];
}

/** A body in these chunks. */
export function chunkedPost(chunks: readonly string[]): Promise<RawReply> {
  const body = chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`).join('');
  return rawCall(
    url,
    requestBytes(
      'POST',
      '/api/tenant/v1/chat/completions',
      [['Host', host], ...auth, ['Content-Type', 'application/json'], ['Transfer-Encoding', 'chunked']],
      `${body}0\r\n\r\n`,
    ),
  );
}

/** The envelope where the test's own header may have set the echoed id. */
export function expectErrorWithAnyId(reply: RawReply): void {
  expectError(
    { ...reply, headers: { ...reply.headers, 'x-request-id': reply.headers['x-gt-request-id'] ?? '' } },
    { status: reply.status },
  );
}

/** Calls until the answer has this status. */
export async function untilStatus(call: () => Promise<RawReply>, status: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  let last = (await call()).status;
  while (last !== status && performance.now() < deadline) last = (await call()).status;
  expect(last).toBe(status);
}
