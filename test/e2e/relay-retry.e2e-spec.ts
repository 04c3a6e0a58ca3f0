import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { findFreePort } from '../../src/platform/embedded-postgres/free-port.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { post, statsOf, until, user } from '../support/relay.js';
import { publishOn, startScriptedProvider, type ProviderScript } from '../support/scripted-provider.js';

let platform: TestPlatform;
let key: SeededKey;
let lastId = 0;

beforeAll(async () => {
  platform = await startPlatform({ settings: { GT_UPSTREAM_CONNECT_MS: '200' } });
  key = await platform.factory.key(platform.acme, { keepAlive: 'off' });
  await platform.factory.alias(platform.acme, 'patient', { retry_after_max_seconds: 5 });
});
beforeEach(async () => void (await fetch(`${platform.sandbox.url}/sandbox/stats/reset`, { method: 'POST' })));
afterAll(() => platform.close());

const once = () => `[[refuse-once:${(lastId += 1)}]]`;
const ways = [false, true];

async function chat(
  model: string,
  prompt: string,
  stream = false,
  signal?: AbortSignal,
): Promise<{ status: number; body: string; code: string | undefined }> {
  const call = {
    url: `${platform.app.baseUrl}/chat/completions`,
    secret: key.secret,
    body: { model, stream, messages: [user(prompt)] },
  };
  const reply = await post(signal === undefined ? call : { ...call, signal });
  const body = await reply.text();
  return {
    status: reply.status,
    body,
    code: reply.status === 200 ? undefined : (JSON.parse(body) as { error: { code: string } }).error.code,
  };
}
const asked = async () => (await statsOf(platform.sandbox)).total;

describe('a provider that refuses for a moment', () => {
  it.each(ways)('is asked once more when the agent allows it (stream: %s)', async (stream) => {
    const reply = await chat('patient', `hello ${once()}`, stream);
    expect([reply.status, await asked()]).toEqual([200, 2]);
    expect(reply.body).toContain('hello');
  });

  it.each(ways)('is not asked again for an agent that does not, nor for a raw model (stream: %s)', async (stream) => {
    expect([(await chat('assistant', once(), stream)).status, await asked()]).toEqual([502, 1]);
    expect([(await chat('raw-chat', once(), stream)).status, await asked()]).toEqual([502, 2]);
  });

  it.each([
    ['never says yes, is asked twice', '[[status:429]] [[retry-after:0]]', 429, 2],
    ['asks for a longer wait than the agent allows, is asked once', '[[status:429]] [[retry-after:6]]', 429, 1],
    ['does not say how long, is asked once', '[[status:503]]', 502, 1],
    ['failed, and may have charged, is asked once', '[[status:500]] [[retry-after:0]]', 502, 1],
    ['has spent its quota, is asked once', '[[quota]]', 502, 1],
    ['dislikes the request, is asked once', '[[status:400]]', 400, 1],
  ])('that %s', async (_what, fault, status, times) => {
    expect([(await chat('patient', fault)).status, await asked()]).toEqual([status, times]);
  });

  it('is not asked again for a client that left while waiting', async () => {
    const leave = new AbortController();
    const call = chat('patient', '[[status:503]] [[retry-after:1]]', false, leave.signal);
    await until('the provider was asked', async () => (await asked()) === 1);
    await until('the provider has refused', async () => (await statsOf(platform.sandbox)).active === 0);
    leave.abort();
    await expect(call).rejects.toThrow();
    // A later call with the same wait has been asked again: the time of the first is over.
    await chat('patient', '[[status:503]] [[retry-after:1]]');
    expect(await asked()).toBe(3);
  });
});

describe('a provider that cannot be reached', () => {
  it('is a 502 upstream_unavailable that names nothing', async () => {
    const port = await findFreePort();
    await publishOn(platform, `http://127.0.0.1:${port}/v1`, 'nobody-there');
    for (const stream of ways) {
      const reply = await chat('nobody-there', 'hi', stream);
      expect([reply.status, reply.code]).toEqual([502, 'upstream_unavailable']);
      expect(reply.body).not.toMatch(/127\.0\.0\.1|ECONN|refused/);
    }
  });

  it('or does not finish connecting within the limit is the same', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      await publishOn(platform, `https://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`, 'silent');
      const reply = await chat('silent', 'hi');
      expect([reply.status, reply.code]).toEqual([502, 'upstream_unavailable']);
    } finally {
      silent.close();
    }
  });

  it.each(['a JSON body', 'a form of which more is to come'])('is tried once more with %s', async (what) => {
    // No connection is made, because each is closed before its TLS: nothing can have been sent.
    let connections = 0;
    const closing = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined).destroy();
    });
    await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
    try {
      const name = `closing-${what.length}`;
      await publishOn(platform, `https://127.0.0.1:${(closing.address() as AddressInfo).port}/v1`, name);
      const form = new FormData();
      form.append('model', name);
      form.append('file', new Blob([Buffer.alloc(1_000_000)]), 'talk.mp3');
      const headers = { authorization: `Bearer ${key.secret}` };
      const status =
        what === 'a JSON body'
          ? (await chat(name, 'hi')).status
          : (await fetch(`${platform.app.baseUrl}/audio/transcriptions`, { method: 'POST', headers, body: form })).status;
      expect([status, connections]).toEqual([502, 2]);
    } finally {
      closing.close();
    }
  });

  it('is tried once more, and served when it is up by then', async () => {
    const port = await findFreePort();
    await publishOn(platform, `http://127.0.0.1:${port}/v1`, 'coming-up');
    const answer: ProviderScript = (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(
          '{"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
        );
    // The second attempt comes 50 ms after the first; on a busy machine the provider may be up too early or too late.
    for (let attempt = 1; ; attempt += 1) {
      const call = chat('coming-up', 'hi');
      await new Promise((resolve) => setTimeout(resolve, 25));
      const provider = await startScriptedProvider(answer, port);
      const reply = await call;
      const requests = provider.requests();
      await provider.close();
      if (reply.status === 200 || attempt === 10) {
        expect([reply.status, requests]).toEqual([200, 1]);
        break;
      }
    }
  });

  it.each(ways)('any more once the request was sent is not asked again: it may have charged (stream: %s)', async (stream) => {
    const provider = await startScriptedProvider((response) => response.destroy());
    try {
      await publishOn(platform, provider.url, `breaks-${stream}`);
      const reply = await chat(`breaks-${stream}`, 'hi', stream);
      expect([reply.status, reply.code, provider.requests()]).toEqual([502, 'upstream_error', 1]);
    } finally {
      await provider.close();
    }
  });
});
