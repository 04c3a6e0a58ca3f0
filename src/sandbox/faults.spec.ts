import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { client, sandbox, useSandbox } from '../../test/support/sandbox-client.js';

useSandbox();

/** The routes that take a prompt: each must play the same faults. */
const routes = {
  '/v1/chat/completions': (prompt: string) => ({ model: 'big-model', messages: [{ role: 'user', content: prompt }] }),
  '/v1/completions': (prompt: string) => ({ model: 'big-model', prompt }),
  '/v1/embeddings': (prompt: string) => ({ model: 'big-model', input: prompt }),
  '/v1/responses': (prompt: string) => ({ model: 'big-model', input: prompt }),
};
type Route = keyof typeof routes;
const everyRoute = Object.keys(routes) as Route[];

const call = (route: Route, prompt: string, init: RequestInit = {}) =>
  fetch(sandbox.url + route, { method: 'POST', body: JSON.stringify(routes[route](prompt)), redirect: 'manual', ...init });
const chat = (prompt: string) =>
  client.chat.completions.create({ model: 'big-model', messages: [{ role: 'user', content: prompt }] });

describe.each(everyRoute)('scripted faults of %s', (route) => {
  it.each([400, 401, 403, 404, 413, 422, 429, 500, 503, 599])(
    'status %d comes in the error envelope, with something to scrub',
    async (status) => {
      const answer = await call(route, `x [[status:${status}]]`);
      expect(answer.status).toBe(status);
      expect(answer.headers.has('retry-after')).toBe(false);
      const { error } = (await answer.json()) as { error: { message: string } };
      expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type']);
      expect(error.message).toMatch(/org-abc123|sk-/);
    },
  );

  it('a 400 names the model, an internal address, an organisation and a key', async () => {
    const { error } = (await (await call(route, '[[status:400]]')).json()) as { error: { message: string; code: string } };
    expect(error.code).toBe('context_length_exceeded');
    for (const part of ['big-model', 'https://provider.internal.example/x', 'org-abc123', 'sk-'])
      expect(error.message).toContain(part);
  });

  it('Retry-After is what was asked for', async () => {
    expect((await call(route, '[[status:429]] [[retry-after:7]]')).headers.get('retry-after')).toBe('7');
  });

  it('a spent quota is a 429 of its own kind', async () => {
    const answer = await call(route, '[[quota]]');
    expect(answer.status).toBe(429);
    expect(await answer.json()).toMatchObject({ error: { type: 'insufficient_quota', code: 'insufficient_quota' } });
  });

  it('a redirect points to where nothing listens', async () => {
    const answer = await call(route, '[[redirect]]');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/']);
  });

  it('refuse-once refuses the first request of its name only', async () => {
    const prompt = `x [[refuse-once:${route}]]`;
    const first = await call(route, prompt);
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '0']);
    expect((await call(route, prompt)).status).toBe(200);
  });

  it('wrong-type, bad-json and cut-json break the body of a 200', async () => {
    const html = await call(route, 'x [[wrong-type]]');
    expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const broken = await call(route, 'x [[bad-json]]');
    expect(broken.headers.get('content-type')).toBe('application/json');
    await expect(broken.json()).rejects.toThrow(/JSON/);
    const cut = await call(route, 'x [[cut-json]]');
    expect(cut.status).toBe(200);
    await expect(cut.text()).rejects.toThrow();
  });

  it('slow waits before the head of the answer', async () => {
    const begin = performance.now();
    expect((await call(route, 'x [[slow:60]]')).status).toBe(200);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(59);
  });

  it('hang never answers', async () => {
    await expect(call(route, '[[hang]]', { signal: AbortSignal.timeout(150) })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('spaced answers as Python prints JSON', async () => {
    expect(await (await call(route, 'x [[spaced]]')).text()).toContain('"object": "');
  });

  it('a command with a bad argument is a 400', async () => {
    expect((await call(route, '[[slow:soon]]')).status).toBe(400);
  });
});

describe.each([
  ['/v1/moderations', (prompt: string) => ({ input: prompt })],
  ['/v1/images/generations', (prompt: string) => ({ prompt })],
  ['/v1/audio/speech', (prompt: string) => ({ model: 'm', voice: 'alloy', input: prompt })],
])('scripted faults of %s', (route, bodyOf) => {
  const ask = (prompt: string) => fetch(sandbox.url + route, { method: 'POST', body: JSON.stringify(bodyOf(prompt)) });

  it('are a status, a broken body and a wait as everywhere', async () => {
    expect((await ask('x [[status:503]]')).status).toBe(503);
    expect((await ask('x [[wrong-type]]')).headers.get('content-type')).toContain('text/html');
    await expect((await ask('x [[bad-json]]')).json()).rejects.toThrow(/JSON/);
    const begin = performance.now();
    expect((await ask('x [[slow:60]]')).status).toBe(200);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(59);
  });
});

describe('scripted faults seen by the openai client', () => {
  it('are its typed errors', async () => {
    await expect(chat('[[status:429]]')).rejects.toThrow(OpenAI.RateLimitError);
    await expect(chat('[[status:401]]')).rejects.toThrow(OpenAI.AuthenticationError);
    await expect(chat('[[status:404]]')).rejects.toThrow(OpenAI.NotFoundError);
    await expect(chat('[[status:400]]')).rejects.toMatchObject({
      code: 'context_length_exceeded',
      param: 'messages',
      status: 400,
    });
    await expect(chat('[[status:500]]')).rejects.toThrow(OpenAI.InternalServerError);
  });

  it('are played before a stream too', async () => {
    const body = { model: 'm', messages: [{ role: 'user' as const, content: '[[status:503]]' }], stream: true as const };
    await expect(client.chat.completions.create(body)).rejects.toMatchObject({ status: 503 });
  });

  it('come from user messages only', async () => {
    const answer = await client.chat.completions.create({
      model: 'm',
      messages: [
        { role: 'system', content: '[[status:500]]' },
        { role: 'assistant', content: '[[status:500]]' },
        { role: 'user', content: 'hi' },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe('You said: hi');
  });
});
