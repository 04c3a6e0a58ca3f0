import { once } from 'node:events';
import { connect } from 'node:net';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { countUsage } from '../../src/modules/inference/counting/count-usage.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { dataLines, openai, post, statsOf, until, user } from '../support/relay.js';
import { chunkEvent, openStream, publishOn, startScriptedProvider } from '../support/scripted-provider.js';

let platform: TestPlatform;
let quiet: SeededKey;

beforeAll(async () => {
  platform = await startPlatform({ settings: { GT_KEEP_ALIVE_MS: '40' } });
  quiet = await platform.factory.key(platform.acme, { keepAlive: 'off' });
  // The first call that is counted starts the thread, which takes long beside all that jest does.
  await countUsage('', Buffer.from('{}'), { form: 'json', bytes: [] });
});
afterAll(() => platform.close());

const streamed = (prompt: string) => ({
  path: '/chat/completions',
  body: { model: 'raw-chat', stream: true, messages: [user(prompt)] },
});

describe('a client that leaves', () => {
  beforeEach(async () => void (await fetch(`${platform.sandbox.url}/sandbox/stats/reset`, { method: 'POST' })));

  it.each([
    [
      'a plain chat before the first byte',
      { path: '/chat/completions', body: { model: 'raw-chat', messages: [user('[[hang]]')] } },
      false,
    ],
    ['a stream before the first byte', streamed('[[hang]]'), false],
    ['an embedding before the first byte', { path: '/embeddings', body: { model: 'raw-chat', input: '[[hang]]' } }, false],
    ['a stream in its middle', streamed('[[chunks:100000]] [[pace:10]]'), true],
    ['a stream that has fallen silent', streamed('[[stall:600000]] a b c d'), true],
  ])('stops the provider of %s, which would go on for long', async (_what, { path, body }, hasBegun) => {
    const leave = new AbortController();
    const call = post({ url: platform.app.baseUrl + path, secret: quiet.secret, body, signal: leave.signal });
    if (hasBegun) await (await call).body?.getReader().read();
    else await until('the provider has the request', async () => (await statsOf(platform.sandbox)).active === 1);
    leave.abort();
    await call.catch(() => undefined);
    const stats = await until('the provider is let go', async () => {
      const now = await statsOf(platform.sandbox);
      return now.active === 0 && now;
    });
    expect(stats).toEqual({ active: 0, total: 1, aborted: 1 });
  });

  it('is understood from the OpenAI client, too', async () => {
    const stream = await openai(platform.app.baseUrl, quiet).chat.completions.create({
      model: 'raw-chat',
      stream: true,
      messages: [user('[[chunks:100000]] [[pace:10]]')],
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await until('the provider is let go', async () => (await statsOf(platform.sandbox)).aborted === 1);
  });
});

describe('a client that reads slowly', () => {
  const event = chunkEvent({ content: 'x'.repeat(16 * 1024) });
  const events = 6000;

  function begin(model: string): Promise<IncomingMessage> {
    const headers = { authorization: `Bearer ${quiet.secret}`, 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const call = request(`${platform.app.baseUrl}/chat/completions`, { method: 'POST', headers }, resolve);
      call.once('error', reject).end(JSON.stringify({ model, stream: true, messages: [user('hi')] }));
    });
  }

  it('holds the provider back, memory stays flat, and no event is lost', async () => {
    let written = 0;
    const provider = await startScriptedProvider((response) => {
      openStream(response);
      const fill = (): void => {
        for (let goesOn = true; goesOn && written < events; written += 1) goesOn = response.write(event);
        if (written === events) response.end(`${chunkEvent({}, 'stop')}data: [DONE]\n\n`);
      };
      response.on('drain', fill);
      fill();
    });
    const before = process.memoryUsage().rss;
    try {
      await publishOn(platform, provider.url, 'floods');
      // Nobody reads the reply yet.
      const reply = await begin('floods');
      let last = -1;
      let still = 0;
      await until('the provider waits', () => {
        still = written === last ? still + 1 : 0;
        last = written;
        return written > 0 && still > 20;
      });
      // What the buffers of the kernel and of each side hold, of nearly a hundred megabytes.
      expect(written).toBeLessThan(events / 3);
      expect(process.memoryUsage().rss - before).toBeLessThan(80 * 1024 * 1024);
      const parts: Buffer[] = [];
      for await (const part of reply) parts.push(part as Buffer);
      const text = Buffer.concat(parts).toString('latin1');
      expect(text.split('data: {').length - 1).toBe(events + 1);
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    } finally {
      await provider.close();
    }
  });
});

it('two hundred streams at once, each paced, all come whole', async () => {
  const client = openai(platform.app.baseUrl, quiet);
  const texts = await Promise.all(
    Array.from({ length: 200 }, async (_unused, at) => {
      const answer = await client.chat.completions
        .stream({ model: 'raw-chat', messages: [user(`number ${at} [[chunks:20]] [[pace:20]]`)] })
        .finalChatCompletion();
      return answer.choices[0]?.message.content?.startsWith(`You said: number ${at} `);
    }),
  );
  expect(texts.filter((isWhole) => isWhole === true)).toHaveLength(200);
});

describe('a stream whose last piece is more than its client takes at once', () => {
  it('leaves its connection to the provider free for the next call', async () => {
    const connections = new Set<unknown>();
    const provider = await startScriptedProvider((response, { socket }) => {
      connections.add(socket);
      openStream(response).end(`${chunkEvent({ content: 'x'.repeat(40_000) })}${chunkEvent({}, 'stop')}data: [DONE]\n\n`);
    });
    await publishOn(platform, provider.url, 'last-piece');
    for (let call = 0; call < 3; call += 1) {
      const body = { model: 'last-piece', stream: true, messages: [user('hi')] };
      const reply = await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: quiet.secret, body });
      expect(dataLines(await reply.text()).at(-1)).toBe('[DONE]');
    }
    await provider.close();
    expect(connections.size).toBe(1);
  });
});

describe('the keep-alive of a silent stream', () => {
  const silent = '[[slow:250]] [[stall:250]] a b c d';
  const keyOf = (keepAlive: string) => platform.factory.key(platform.acme, { keepAlive });
  async function textOf(key: SeededKey, prompt: string, further: object = {}): Promise<{ status: number; text: string }> {
    const { path, body } = streamed(prompt);
    const reply = await post({ url: platform.app.baseUrl + path, secret: key.secret, body: { ...body, ...further } });
    return { status: reply.status, text: await reply.text() };
  }

  it.each(['comment', 'empty-chunk', 'off'])('%s is read by the OpenAI client as if it were not there', async (style) => {
    const answer = await openai(platform.app.baseUrl, await keyOf(style))
      .chat.completions.stream({ model: 'raw-chat', messages: [user(silent)] })
      .finalChatCompletion();
    expect(answer.choices[0]?.message.content).toBe('You said: a b c d');
  });

  it('is a comment of one line, before the first event and within', async () => {
    const { text } = await textOf(await keyOf('comment'), silent);
    expect(text.startsWith(': ping\n: ping\n')).toBe(true);
    expect(text.slice(text.indexOf('data: '))).toContain('\n\n: ping\n');
    expect(text).not.toContain(': ping\n\n');
    expect(dataLines(text).at(-1)).toBe('[DONE]');
  });

  it('is an empty chunk of the same form and name for a key that wants it so', async () => {
    const { text } = await textOf(await keyOf('empty-chunk'), silent, { stream_options: { include_usage: true } });
    const empty = dataLines(text).filter((line) => line.includes('"choices":[]'));
    const [first, last] = [empty[0], empty.at(-1)].map(
      (line) => JSON.parse(line ?? '') as { object: string; model: string; usage: unknown },
    );
    expect(first).toMatchObject({ object: 'chat.completion.chunk', model: 'raw-chat', usage: null });
    expect(last?.usage).not.toBeNull();
    expect(text).not.toContain('ping');
  });

  it('is nothing at all for a key that wants none, and for one whose stream is not silent', async () => {
    expect((await textOf(await keyOf('off'), silent)).text).not.toMatch(/ping|"choices":\[\]/);
    expect((await textOf(await keyOf('comment'), 'a b c')).text).not.toContain('ping');
  });

  it('has promised a stream: a refusal after it is an error event and a clean end', async () => {
    const { status, text } = await textOf(await keyOf('comment'), '[[slow:120]] [[status:500]]');
    expect([status, dataLines(text).map((line) => (JSON.parse(line) as { error: { code: string } }).error.code)]).toEqual([
      200,
      ['upstream_error'],
    ]);
  });
});

describe('a process that stops', () => {
  it('finishes the streams that run, and takes no new calls', async () => {
    const stopping = await startPlatform();
    const key = await stopping.factory.key(stopping.acme);
    const call = { url: `${stopping.app.baseUrl}/chat/completions`, secret: key.secret };
    const running = await post({
      ...call,
      body: { model: 'raw-chat', stream: true, messages: [user('[[chunks:20]] [[pace:30]]')] },
    });
    const closed = stopping.app.running.close();
    await until('new calls are refused', () =>
      post({ ...call, body: { model: 'raw-chat', messages: [user('hi')] } }).then(
        () => false as const,
        () => true as const,
      ),
    );
    expect(dataLines(await running.text()).at(-1)).toBe('[DONE]');
    await closed;
    await stopping.close();
  });

  it('does not wait for connections on which nobody has asked anything', async () => {
    const stopping = await startPlatform({ settings: { GT_SHUTDOWN_GRACE_MS: '600000' } });
    const silent = connect(Number(new URL(stopping.app.url).port), '127.0.0.1');
    await once(silent, 'connect');
    await fetch(`${stopping.app.url}/healthz`);
    await Promise.all([once(silent, 'close'), stopping.close()]);
  });

  it('breaks what is not over within the grace time, so that it does not look whole, and books its tokens', async () => {
    const stopping = await startPlatform({ settings: { GT_SHUTDOWN_GRACE_MS: '150' } });
    const key = await stopping.factory.key(stopping.acme);
    const running = await post({
      url: `${stopping.app.baseUrl}/chat/completions`,
      secret: key.secret,
      body: { model: 'raw-chat', stream: true, messages: [user('[[chunks:1000]] [[pace:30]]')] },
    });
    const closed = stopping.app.running.close();
    await expect(running.text()).rejects.toThrow();
    await closed;
    const { acme, factory } = stopping;
    const records = await factory.run((tx) => tx.usage.findMany({ where: { tenantId: acme.id, keyId: key.id } }));
    expect(records).toMatchObject([{ state: 'client_closed', source: 'counted' }]);
    expect(records[0]?.outputTokens).toBeGreaterThan(0);
    await until('the provider is let go', async () => (await statsOf(stopping.sandbox)).active === 0);
    await stopping.close();
  });
});
