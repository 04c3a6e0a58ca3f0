import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { startLimitedConnections, type LimitedConnections } from '../support/limited-connections.js';
import { defaultAnswer, startRecordingProvider, type Answer, type RecordingProvider } from '../support/recording-provider.js';
import { until } from '../support/relay.js';
import { chunkEvent, startScriptedProvider } from '../support/scripted-provider.js';

let platform: LimitedConnections;
let provider: RecordingProvider;
let count = 0;

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startLimitedConnections({ GT_UPSTREAM_FIRST_BYTE_MS: '1000', GT_UPSTREAM_IDLE_MS: '1000' });
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

const fails =
  (status: number): Answer =>
  (_body, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}');

const beginsStream = (response: ServerResponse, then: () => void): void => {
  response.setHeader('content-type', 'text/event-stream');
  response.write(chunkEvent({ role: 'assistant', content: 'Hel' }), then);
};

/** A connection to the provider of which nothing is known; its raw model has the same name. */
async function fresh(breaker: object | null, url = provider.url): Promise<string> {
  const name = `c${(count += 1)}`;
  await platform.connect(name, url, { breaker });
  return name;
}

/** Asks until the provider has been asked so often, and gives the status that each call got. */
async function askTimes(model: string, times: number, answer: Answer, stream = false): Promise<number[]> {
  provider.answerWith(answer);
  const statuses: number[] = [];
  for (let at = 0; at < times; at += 1) {
    const reply = await platform.ask(model, { stream });
    statuses.push(reply.status);
    await reply.text();
  }
  return statuses;
}

/** What a call gets, and whether the provider has heard of it. */
async function next(model: string, more = {}) {
  const before = provider.bodies.length;
  const reply = await platform.ask(model, more);
  const { error } = (await reply.json()) as { error?: { code: string; message: string } };
  return {
    status: reply.status,
    code: error?.code,
    message: error?.message,
    wait: Number(reply.headers.get('retry-after')),
    heard: provider.bodies.length > before,
  };
}

describe('a provider that fails', () => {
  it('is left alone after ten failures, and no call of those that follow reaches it', async () => {
    const model = await fresh({ rest_seconds: 3600 });
    expect(await askTimes(model, 10, fails(500))).toEqual(Array.from({ length: 10 }, () => 502));
    const refused = await next(model);
    expect(refused).toMatchObject({ status: 502, code: 'upstream_unavailable', heard: false });
    expect(refused.wait).toBeGreaterThan(3000);
    expect(refused.wait).toBeLessThanOrEqual(3600);
    expect(refused.message).not.toMatch(/127\.0\.0\.1|model-of|c\d/);
    const usage = await until('the refused call is booked', async () => {
      const { body } = await platform.app.admin('GET', `/usage?tenant=acme&endpoint=${model}`);
      return (body as { data: object[] }).data.length === 11 && (body as { data: object[] }).data;
    });
    expect(usage[0]).toMatchObject({ status: 502, state: 'upstream_failed', source: 'none', total_tokens: 0 });
  });

  it.each<[string, Answer, boolean]>([
    ['says 502', fails(502), false],
    ['says 503', fails(503), true],
    ['says 504', fails(504), false],
    ['says 529', fails(529), false],
    ['breaks off before it answers', (_body, response) => void response.destroy(), false],
    ['never answers', () => undefined, false],
    [
      'breaks off in the middle of a plain answer',
      (_body, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
        response.write('{"choices":[', () => response.destroy());
      },
      false,
    ],
    ['breaks off in the middle of a stream', (_body, response) => beginsStream(response, () => response.destroy()), true],
    ['ends a stream that is not whole', (_body, response) => beginsStream(response, () => response.end()), true],
    ['falls silent in the middle of a stream', (_body, response) => beginsStream(response, () => undefined), true],
  ])('is left alone when it %s', async (_what, answer, stream) => {
    const model = await fresh({ failures: 2, rest_seconds: 3600 });
    await askTimes(model, 2, answer, stream);
    expect(await next(model)).toMatchObject({ code: 'upstream_unavailable', heard: false });
  });

  it('is left alone when nothing listens there', async () => {
    const gone = await startRecordingProvider();
    await gone.close();
    const model = await fresh({ failures: 2, rest_seconds: 3600 }, gone.url);
    await askTimes(model, 2, defaultAnswer);
    const refused = await next(model);
    expect(refused).toMatchObject({ status: 502, code: 'upstream_unavailable' });
    expect(refused.wait).toBeGreaterThan(3000);
  });

  it('is left alone for the embeddings of searches too', async () => {
    const name = await fresh({ failures: 2, rest_seconds: 3600 });
    const { make, app, secrets } = platform;
    await make('/datasets', { alias: `d-${name}`, embedding: { connection: name, model: 'embed' } });
    provider.answerWith(fails(500));
    const before = provider.bodies.length;
    const headers = { authorization: `Bearer ${secrets['acme']}`, 'content-type': 'application/json' };
    for (let at = 0; at < 4; at += 1) {
      const body = JSON.stringify({ query: 'What is new?' });
      const reply = await fetch(`${app.baseUrl}/datasets/d-${name}/search`, { method: 'POST', headers, body });
      expect(reply.status).toBe(200);
    }
    expect(provider.bodies.length - before).toBe(2);
  });
});

describe('a provider that answers', () => {
  it.each([400, 401, 403, 404, 408, 409, 413, 422, 429, 501])('is asked again and again, though it says %i', async (status) => {
    const model = await fresh({ failures: 2, rest_seconds: 3600 });
    await askTimes(model, 6, fails(status));
    expect((await next(model)).heard).toBe(true);
  });

  it('is asked again and again, though clients leave', async () => {
    const model = await fresh({ failures: 1, rest_seconds: 3600 });
    for (const stream of [false, true]) {
      const leaving = new AbortController();
      provider.answerWith((_body, response) => {
        if (stream) beginsStream(response, () => leaving.abort());
        else leaving.abort();
      });
      const asked = platform.ask(model, { stream, signal: leaving.signal });
      await expect(asked.then((reply) => reply.text())).rejects.toThrow();
    }
    provider.answerWith(defaultAnswer);
    expect(await next(model)).toMatchObject({ status: 200, heard: true });
  });

  it('is asked again and again, though some of its calls fail', async () => {
    const model = await fresh({ failures: 3, rest_seconds: 3600 });
    for (let at = 0; at < 4; at += 1) {
      expect(await askTimes(model, 2, fails(500))).toEqual([502, 502]);
      expect(await askTimes(model, 1, defaultAnswer)).toEqual([200]);
    }
  });

  it('is asked again and again where the breaker is switched off', async () => {
    const model = await fresh(null);
    await askTimes(model, 15, fails(500));
    expect((await next(model)).heard).toBe(true);
  });
});

describe('a provider that was left alone', () => {
  it('is tried by one call after the rest, and asked by all again when it answers that', async () => {
    const model = await fresh({ failures: 1, rest_seconds: 1 });
    await askTimes(model, 1, fails(500));
    let held: ServerResponse | undefined;
    provider.answerWith((body, response) => {
      held = response;
      if (body.stream === true) beginsStream(response, () => undefined);
    });
    const trial = until('a call is let through', async () => {
      const reply = await platform.ask(model, { stream: true });
      return reply.status === 200 ? reply : void (await reply.text());
    });
    await until('the provider is tried', () => held !== undefined);
    provider.answerWith(defaultAnswer);
    // The stream of the trial goes on; that it has begun is enough.
    await until('all are let through', async () => (await next(model)).status === 200);
    held?.end(`${chunkEvent({}, 'stop')}data: [DONE]\n\n`);
    expect(await (await trial).text()).toContain('[DONE]');
    expect(await next(model)).toMatchObject({ status: 200, heard: true });
  });

  it('is left alone again when the call that tries fails', async () => {
    const model = await fresh({ failures: 5, rest_seconds: 1 });
    await askTimes(model, 5, fails(500));
    const before = provider.bodies.length;
    await until('a call is let through', async () => (await next(model)).heard);
    expect(await next(model)).toMatchObject({ code: 'upstream_unavailable', heard: false });
    expect(provider.bodies.length - before).toBe(1);
  });

  it('is tried by the next call when the client of the one that tries has left', async () => {
    const model = await fresh({ failures: 1, rest_seconds: 1 });
    await askTimes(model, 1, fails(500));
    const leaving = new AbortController();
    let heard = 0;
    provider.answerWith(() => {
      heard += 1;
      leaving.abort();
    });
    await until('a client has left', async () => {
      const asked = platform.ask(model, { signal: leaving.signal });
      return asked.then(
        (reply) => void reply.text(),
        () => true,
      );
    });
    expect(heard).toBe(1);
    provider.answerWith(defaultAnswer);
    await until('the next call is let through', async () => (await next(model)).status === 200);
  });

  it('stays so when its connection is changed elsewhere, and is asked again with other settings of its breaker', async () => {
    const model = await fresh({ failures: 1, rest_seconds: 3600 });
    const { app } = platform;
    const { body } = await app.admin('GET', `/connections?tenant=acme&name=${model}`);
    const change = (fields: object) => app.admin('PATCH', `/connections/${body.data[0].id}`, { tenant: 'acme', ...fields });
    await askTimes(model, 1, fails(500));
    provider.answerWith(defaultAnswer);
    await change({ dropped_fields: ['models'], limits: { max_parallel: 100 } });
    expect((await next(model)).heard).toBe(false);
    await change({ limits: { breaker: { failures: 2 } } });
    await until('the change is known', async () => (await next(model)).status === 200);
  });

  it('can be tested by its admin', async () => {
    const failing = await startScriptedProvider((response, { method }) => {
      if (method === 'GET') response.setHeader('content-type', 'application/json').end('{"object":"list","data":[]}');
      else response.writeHead(500).end('{}');
    });
    const model = await fresh({ failures: 1, rest_seconds: 3600 }, failing.url);
    await askTimes(model, 1, defaultAnswer);
    expect(await next(model)).toMatchObject({ code: 'upstream_unavailable' });
    const { body } = await platform.app.admin('GET', `/connections?tenant=acme&name=${model}`);
    const tried = await platform.app.admin('POST', `/connections/${body.data[0].id}/test?tenant=acme`, {});
    expect(tried.body).toMatchObject({ ok: true, status: 200 });
    await failing.close();
  });

  it('is skipped by agents that have fallbacks', async () => {
    const [first, second] = [await fresh({ failures: 1, rest_seconds: 3600 }), await fresh({})];
    provider.answerWith(defaultAnswer);
    const chat = (connection: string) => ({ connection, model: `model-of-${connection}` });
    await platform.make('/agents', { name: 'helper', models: { chat: chat(first) }, fallbacks: { chat: [chat(second)] } });
    await platform.app.admin('POST', '/agents/helper/publish', { tenant: 'acme', endpoint: 'helper' });
    await until('it is published', async () => (await next('helper')).status === 200);
    provider.answerWith((body, response) => (body['model'] === `model-of-${first}` ? fails(500) : defaultAnswer)(body, response));
    await platform.ask('helper').then((reply) => reply.text());
    for (const stream of [false, true]) {
      const before = provider.bodies.length;
      const reply = await platform.ask('helper', { stream });
      await reply.text();
      expect([reply.status, reply.headers.get('x-gt-served-by')]).toEqual([200, '1']);
      expect(provider.bodies.slice(before).map(({ model }) => model)).toEqual([`model-of-${second}`]);
    }
  });

  it('is asked by other tenants and over other connections as before', async () => {
    const model = await fresh({ failures: 1, rest_seconds: 3600 });
    const other = await fresh({ failures: 1, rest_seconds: 3600 });
    await platform.connect(model, provider.url, { breaker: { failures: 1, rest_seconds: 3600 } }, 'globex');
    await askTimes(model, 1, fails(500));
    provider.answerWith(defaultAnswer);
    expect((await next(model)).heard).toBe(false);
    expect(await next(other)).toMatchObject({ status: 200, heard: true });
    expect(await next(model, { tenant: 'globex' })).toMatchObject({ status: 200, heard: true });
  });
});
