import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { parsedOrUndefined } from '../../src/kernel/parse-json.js';
import { startLimitedConnections, type LimitedConnections } from '../support/limited-connections.js';
import { listen, type Listening } from '../support/listening.js';
import { defaultAnswer, type Answer } from '../support/recording-provider.js';
import { until } from '../support/relay.js';
import { chunkEvent } from '../support/scripted-provider.js';

const most = 2;
let platform: LimitedConnections;
let provider: Listening;
let answer: Answer;
/** Calls that the provider has not answered yet, or not to the end. */
let held: ServerResponse[] = [];

beforeAll(async () => {
  provider = await listen((text, _request, response) => {
    // A form is none.
    const body = parsedOrUndefined(Buffer.from(text)) as Parameters<Answer>[0] | undefined;
    answer(body ?? { messages: [] }, response);
  });
  platform = await startLimitedConnections({ GT_UPSTREAM_FIRST_BYTE_MS: '1000', GT_UPSTREAM_IDLE_MS: '1000' });
  await platform.connect('narrow', provider.url, { max_parallel: most, breaker: null });
  await platform.connect('wide', provider.url, { breaker: null });
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});
beforeEach(() => {
  held = [];
  answer = (body, response) => {
    held.push(response);
    if (body.stream !== true) return;
    response.setHeader('content-type', 'text/event-stream');
    response.write(chunkEvent({ role: 'assistant', content: 'Hel' }));
  };
});

interface Held {
  readonly leaving: AbortController;
  /** The call, ended in whatever way. */
  readonly ended: Promise<unknown>;
}

/** Takes all places with calls that the provider holds. */
async function fill(stream: boolean, ask = platform.ask): Promise<Held[]> {
  const calls = Array.from({ length: most }, (): Held => {
    const leaving = new AbortController();
    const ended = ask('narrow', { stream, signal: leaving.signal }).then((reply) => reply.text());
    return { leaving, ended: ended.catch((error: unknown) => error) };
  });
  await until('all places are taken', () => held.length === most);
  return calls;
}

/** As many calls as there are places are let through again, and no more. */
async function expectAllPlaces(): Promise<void> {
  for (const response of held) response.destroy();
  held = [];
  const calls: Promise<unknown>[] = [];
  await until('all places are free', async () => {
    const before = held.length;
    let isRefused = false;
    const asked = platform.ask('narrow', { stream: true });
    calls.push(asked.then((reply) => ((isRefused = reply.status === 503), reply.text())));
    await until('the provider is asked, or not', () => isRefused || held.length > before);
    return held.length === most;
  });
  expect((await platform.ask('narrow')).status).toBe(503);
  for (const response of held) response.end(`${chunkEvent({}, 'stop')}data: [DONE]\n\n`);
  await Promise.all(calls);
}

describe('a connection that may have only so many calls at once', () => {
  it.each([false, true])('refuses the next at once, and none over another connection (stream: %s)', async (stream) => {
    const calls = await fill(stream);
    const reply = await platform.ask('narrow', { stream });
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await reply.json()).toMatchObject({ error: { type: 'server_error', code: 'overloaded' } });
    expect(held).toHaveLength(most);
    const other = platform.ask('wide', { stream });
    await until('the other one is asked', () => held.length === most + 1);
    for (const response of held) response.destroy();
    await Promise.all([...calls.map(({ ended }) => ended), other.then((answer) => answer.text())]);
    await expectAllPlaces();
  });

  it('is passed over by agents that have fallbacks', async () => {
    const chat = (connection: string) => ({ connection, model: `model-of-${connection}` });
    await platform.make('/agents', { name: 'helper', models: { chat: chat('narrow') }, fallbacks: { chat: [chat('wide')] } });
    await platform.app.admin('POST', '/agents/helper/publish', { tenant: 'acme', endpoint: 'helper' });
    const calls = await fill(true);
    answer = defaultAnswer;
    const served = await until('it is published', async () => {
      const reply = await platform.ask('helper');
      return reply.status === 200 && reply.headers.get('x-gt-served-by');
    });
    expect(served).toBe('1');
    for (const response of held) response.destroy();
    await Promise.all(calls.map(({ ended }) => ended));
  });

  const end = (response: ServerResponse, stream: boolean): void => {
    if (stream) response.end(`${chunkEvent({}, 'stop')}data: [DONE]\n\n`);
    else defaultAnswer({ messages: [] }, response);
  };
  const ways: [string, boolean[], (call: Held, response: ServerResponse, stream: boolean) => void][] = [
    ['they end well', [false, true], (_call, response, stream) => end(response, stream)],
    ['their clients leave', [false, true], ({ leaving }) => leaving.abort()],
    ['their provider breaks off', [false, true], (_call, response) => void response.destroy()],
    ['their provider falls silent', [false, true], () => undefined],
    ['their provider fails', [false], (_call, response) => void response.writeHead(500).end('{}')],
    ['their provider refuses them', [false], (_call, response) => void response.writeHead(400).end('{}')],
    ['their answer is none', [false], (_call, response) => void response.setHeader('content-type', 'text/html').end('<p>')],
    [
      'their answer cannot be read',
      [false],
      (_call, response) => void response.setHeader('content-encoding', 'gzip').end('oops'),
    ],
    ['their stream reports an error', [true], (_call, response) => void response.end('data: {"error":{"message":"no"}}\n\n')],
  ];
  it.each(ways.flatMap(([what, streams, way]) => streams.map((stream) => [what, stream, way] as const)))(
    'has all places free again when %s (stream: %s)',
    async (_what, stream, way) => {
      const calls = await fill(stream);
      const responses = [...held];
      calls.forEach((call, at) => way(call, responses[at] as ServerResponse, stream));
      await Promise.all(calls.map(({ ended }) => ended));
      await expectAllPlaces();
    },
  );

  it('has a place free for the next call of a client that has the end of a stream, though the provider holds its own back', async () => {
    const calls = await fill(true);
    for (const response of held) response.write(`${chunkEvent({}, 'stop')}data: [DONE]\n\n`);
    await Promise.all(calls.map(({ ended }) => ended));
    const responses = held;
    answer = defaultAnswer;
    expect((await platform.ask('narrow')).status).toBe(200);
    for (const response of responses) response.destroy();
  });

  it('has all places free again when the key of its calls is revoked', async () => {
    const { body } = await platform.make('/keys', { name: 'passing', preset: 'platform-automation', raw_models: ['*'] });
    const { id, secret } = body as { id: string; secret: string };
    const ask: typeof platform.ask = (model, { signal } = {}) =>
      fetch(`${platform.app.baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
        signal: signal ?? null,
      });
    const calls = await fill(true, ask);
    await platform.app.admin('POST', `/keys/${id}/revoke`, { tenant: 'acme' });
    await Promise.all(calls.map(({ ended }) => ended));
    await expectAllPlaces();
  });

  it('has all places free again when forms are sent and broken off', async () => {
    const leaving = new AbortController();
    const form = new FormData();
    form.append('model', 'narrow');
    form.append('file', new Blob([new Uint8Array(100_000)]), 'a.mp3');
    const headers = { authorization: `Bearer ${platform.secrets['acme']}` };
    const ask = () =>
      fetch(`${platform.app.baseUrl}/audio/transcriptions`, { method: 'POST', headers, body: form, signal: leaving.signal });
    const calls = Array.from({ length: most }, () => ask().catch((error: unknown) => error));
    await until('all places are taken', () => held.length === most);
    expect((await platform.ask('narrow')).status).toBe(503);
    leaving.abort();
    await Promise.all(calls);
    await expectAllPlaces();
  });
});
