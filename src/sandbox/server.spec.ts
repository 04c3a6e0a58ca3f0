import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startSandbox, type Sandbox } from './server.js';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1' });
});
afterAll(() => sandbox.close());

interface Stats {
  active: number;
  total: number;
  aborted: number;
}

const stats = async () => (await (await fetch(`${sandbox.url}/sandbox/stats`)).json()) as Stats;
const post = (content: string, init: RequestInit = {}, body: object = {}) =>
  fetch(`${sandbox.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], ...body }),
    ...init,
  });

/** Asks until the counters are as expected; the test's own time limit ends a wait in vain. */
async function untilStats(expected: Partial<Stats>): Promise<void> {
  for (;;) {
    const seen = await stats();
    if (Object.entries(expected).every(([name, value]) => seen[name as keyof Stats] === value)) return;
  }
}

describe('the sandbox server', () => {
  it('is healthy, lists its models and knows any model by name', async () => {
    expect(await (await fetch(`${sandbox.url}/healthz`)).json()).toEqual({ status: 'ok' });
    const client = new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: 'x' });
    const names: string[] = [];
    for await (const model of client.models.list()) names.push(model.id);
    expect(names).toEqual(['chat', 'embed', 'image', 'speech', 'transcribe', 'moderate'].map((name) => `sandbox-${name}`));
    expect(await client.models.retrieve('vendor/any')).toMatchObject({ id: 'vendor/any', object: 'model', owned_by: 'sandbox' });
  });

  it.each([
    ['GET', '/v1/nothing', 404],
    ['POST', '/elsewhere', 404],
    ['GET', '/v1/chat/completions', 405],
    ['DELETE', '/v1/models', 405],
    ['POST', '/sandbox/stats', 404],
  ])('answers %s %s with %d in the envelope', async (method, path, status) => {
    const answer = await fetch(sandbox.url + path, { method });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error', message: expect.any(String) } });
  });

  it('ignores a query string', async () => {
    expect((await fetch(`${sandbox.url}/v1/models?api-version=1`)).status).toBe(200);
  });

  it('lets in only its token when it has one', async () => {
    const guarded = await startSandbox({ port: 0, host: '127.0.0.1', token: 'right' });
    const models = (headers: Record<string, string>) => fetch(`${guarded.url}/v1/models`, { headers });
    expect((await models({ authorization: 'Bearer right' })).status).toBe(200);
    const wrong = await models({ authorization: 'Bearer sk-wrong-token-1234' });
    expect(wrong.status).toBe(401);
    const { error } = (await wrong.json()) as { error: { message: string; code: string } };
    expect(error.code).toBe('invalid_api_key');
    expect(error.message).toContain('sk-w****1234');
    expect(error.message).not.toContain('sk-wrong-token-1234');
    const absent = await models({});
    expect(absent.status).toBe(401);
    expect(await absent.json()).toMatchObject({ error: { code: null } });
    expect((await fetch(`${guarded.url}/healthz`)).status).toBe(200);
    await guarded.close();
  });

  it('knows no URL of the parts that it was not told to have, but its models', async () => {
    const narrow = await startSandbox({ port: 0, host: '127.0.0.1', only: ['chat', 'embeddings'] });
    const asked = async (method: string, path: string) => {
      const answer = await fetch(`${narrow.url}/v1${path}`, { method });
      return [answer.status, ((await answer.json()) as { error?: { message: string } }).error?.message];
    };
    for (const path of ['/chat/completions', '/embeddings']) expect((await asked('POST', path))[0]).toBe(400);
    for (const path of ['/responses', '/responses/compact', '/completions', '/moderations', '/images/edits', '/audio/speech'])
      expect(await asked('POST', path)).toEqual([404, `Invalid URL (POST /v1${path})`]);
    for (const method of ['GET', 'DELETE'])
      expect(await asked(method, '/responses/resp_1')).toEqual([404, `Invalid URL (${method} /v1/responses/resp_1)`]);
    expect((await asked('GET', '/models'))[0]).toBe(200);
    await narrow.close();
  });

  it('refuses a port that is taken', async () => {
    await expect(startSandbox({ port: sandbox.port, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('the counters', () => {
  beforeEach(async () => {
    await untilStats({ active: 0 });
    await fetch(`${sandbox.url}/sandbox/stats/reset`, { method: 'POST' });
  });

  it('count finished requests, and leave out health and statistics', async () => {
    await (await post('one')).text();
    await (await post('two', {}, { stream: true })).text();
    await fetch(`${sandbox.url}/healthz`);
    await untilStats({ active: 0, total: 2, aborted: 0 });
  });

  it('know who asked, each once, until the reset', async () => {
    for (const id of ['req_a', 'req_b', 'req_a']) await (await post('one', { headers: { 'x-request-id': id } })).text();
    await (await post('nobody')).text();
    const asked = async () => (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as unknown;
    expect(await asked()).toEqual({ requests: ['req_a', 'req_b'] });
    await fetch(`${sandbox.url}/sandbox/stats/reset`, { method: 'POST' });
    expect(await asked()).toEqual({ requests: [] });
  });

  it.each([
    ['before the answer', '[[hang]]'],
    ['while it is slow', '[[slow:600000]]'],
    ['between chunks', 'a b [[pace:600000]]'],
    ['in a stall', 'a b [[stall:600000]]'],
  ])('see a client leave %s', async (_when, prompt) => {
    const leaving = new AbortController();
    const answer = post(prompt, { signal: leaving.signal }, { stream: true }).then((response) => response.text());
    const refused = expect(answer).rejects.toThrow();
    await untilStats({ active: 1, aborted: 0 });
    leaving.abort();
    await refused;
    await untilStats({ active: 0, total: 1, aborted: 1 });
  });

  it('do not take a scripted cut for a client that left', async () => {
    await (await post('a b [[cut:1]]', {}, { stream: true })).text().catch(() => undefined);
    await untilStats({ active: 0, total: 1, aborted: 0 });
  });

  it('see a client leave in the middle of its request', async () => {
    const socket = connect(sandbox.port, '127.0.0.1');
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{');
    await untilStats({ active: 1 });
    socket.destroy();
    await untilStats({ active: 0, aborted: 1 });
  });

  it('notice that a client which has stopped reading leaves', async () => {
    const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: '[[chunks:400000]]' }] });
    const socket = connect(sandbox.port, '127.0.0.1');
    socket.pause();
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await untilStats({ active: 1, aborted: 0 });
    socket.destroy();
    await untilStats({ active: 0, aborted: 1 });
  });
});

describe('closing', () => {
  it('breaks open requests at once without a grace', async () => {
    const own = await startSandbox({ port: 0, host: '127.0.0.1' });
    const open = fetch(`${own.url}/v1/chat/completions`, {
      method: 'POST',
      body: '{"model":"m","messages":[{"role":"user","content":"[[hang]]"}]}',
    });
    const broken = expect(open).rejects.toThrow();
    await (await fetch(`${own.url}/healthz`)).text();
    await own.close();
    await broken;
    await expect(fetch(`${own.url}/healthz`)).rejects.toThrow();
  });

  it('lets an open stream end within the grace', async () => {
    const own = await startSandbox({ port: 0, host: '127.0.0.1' });
    const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: '[[chunks:5]] [[pace:20]]' }] });
    const answer = await fetch(`${own.url}/v1/chat/completions`, { method: 'POST', body });
    const closed = own.close(60_000);
    expect(await answer.text()).toContain('data: [DONE]');
    await closed;
  });
});
