import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dataLines, post, until, user } from '../support/relay.js';
import { chunkEvent, openStream, publishOn, startScriptedProvider, type ProviderScript } from '../support/scripted-provider.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';

const mebibyte = 1024 * 1024;

let platform: TestPlatform;
let script: ProviderScript;
let close: () => Promise<void>;
let key: SeededKey;

beforeAll(async () => {
  platform = await startPlatform({ settings: { GT_MAX_REPLIES_BYTES: String(12 * mebibyte) } });
  const provider = await startScriptedProvider((response, request) => script(response, request));
  close = () => provider.close();
  await publishOn(platform, provider.url, 'long');
  key = await platform.factory.key(platform.acme);
});
afterAll(async () => {
  await close?.();
  await platform.close();
});

const ask = (further: object = {}, path = '/chat/completions') =>
  post({
    url: platform.app.baseUrl + path,
    secret: key.secret,
    body: { model: 'long', messages: [user('hi')], input: 'x', ...further },
  });

const start =
  '{"id":"c1","object":"chat.completion","model":"provider-long","choices":[{"index":0,"message":{"role":"assistant","content":"';
const end = (further = '') =>
  `"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}${further}}`;

/** Writes so many bytes of text, as fast as they are read. */
async function* text(bytes: number): AsyncGenerator<Buffer> {
  const piece = Buffer.alloc(64 * 1024, 'x');
  for (let written = 0; written < bytes; written += piece.length) yield await Promise.resolve(piece);
}

async function writeAll(response: Parameters<ProviderScript>[0], parts: AsyncIterable<Buffer>): Promise<void> {
  for await (const part of parts) {
    if (response.destroyed) return;
    if (!response.write(part)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
  }
}

const long =
  (bytes: number, ending = end()): ProviderScript =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write(start);
    void writeAll(response, text(bytes)).then(() => response.end(ending));
  };

describe('a plain reply that is longer than a mebibyte', () => {
  it('comes whole, under the published name, and is booked', async () => {
    script = long(8 * mebibyte);
    const reply = await ask();
    const body = (await reply.json()) as { model: string; choices: { message: { content: string } }[] };
    expect([reply.status, body.model, body.choices[0]?.message.content.length]).toEqual([200, 'long', 8 * mebibyte]);
  });

  it('breaks off when an error comes behind it', async () => {
    script = long(3 * mebibyte, end(',"error":{"message":"at https://gpu7.internal.example"}'));
    const reply = await ask();
    expect(reply.status).toBe(200);
    await expect(reply.text()).rejects.toThrow();
  });

  it('with vectors gets the asked encoding as it flows', async () => {
    const vector = Array.from({ length: 1_536 }, (_none, at) => (at % 7) - 3.25);
    const count = 300;
    script = (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          object: 'list',
          data: Array.from({ length: count }, (_none, index) => ({ object: 'embedding', index, embedding: vector })),
          model: 'provider-long',
          usage: { prompt_tokens: 1, total_tokens: 1 },
        }),
      );
    const reply = await ask({ encoding_format: 'base64' }, '/embeddings');
    const body = (await reply.json()) as { model: string; data: { embedding: string }[] };
    expect([body.model, body.data.length]).toEqual(['long', count]);
    const bytes = Buffer.from(body.data[count - 1]?.embedding ?? '', 'base64');
    expect(Array.from({ length: vector.length }, (_none, at) => bytes.readFloatLE(at * 4))).toEqual(vector);
  });
});

describe('replies that fill the share of their tenant', () => {
  it('are refused with 503, and another tenant is served meanwhile', async () => {
    // Each holds 768 KiB, and ends when it is told to.
    const held: Parameters<ProviderScript>[0][] = [];
    let isHolding = true;
    script = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write(start + 'x'.repeat(768 * 1024));
      if (isHolding) held.push(response);
      else response.end(end());
    };
    const statuses: number[] = [];
    const asked = Array.from({ length: 24 }, () =>
      ask().then(async (reply) => {
        statuses.push(reply.status);
        return { status: reply.status, retryAfter: reply.headers.get('retry-after'), text: await reply.text() };
      }),
    );
    await until('some are refused', () => statuses.includes(503), 20_000);
    const { factory, app } = platform;
    const other = await factory.tenant('other', `${platform.sandbox.url}/v1`);
    const otherKey = await factory.key(other);
    const served = await post({
      url: `${app.baseUrl}/chat/completions`,
      secret: otherKey.secret,
      body: { model: 'assistant', messages: [user('[[huge:600000]]')] },
    });
    expect(served.status).toBe(200);
    await served.arrayBuffer();
    isHolding = false;
    for (const response of held) if (!response.destroyed) response.end(end());
    const answers = await Promise.all(asked);
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 200).length + refused.length).toBe(asked.length);
    for (const { text: body, retryAfter } of refused) {
      expect(retryAfter).toBe('1');
      expect(body).toContain('"overloaded"');
    }
    // All is free again.
    script = long(900 * 1024);
    expect((await ask()).status).toBe(200);
  });
});

describe('a client that reads slowly', () => {
  it('holds the provider back', async () => {
    let written = 0;
    script = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write(start);
      const counted = async function* (): AsyncGenerator<Buffer> {
        for await (const part of text(64 * mebibyte - mebibyte)) {
          written += part.length;
          yield part;
        }
      };
      void writeAll(response, counted()).then(() => response.end(end()));
    };
    const url = new URL(`${platform.app.baseUrl}/chat/completions`);
    const slow = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = httpRequest(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
      });
      outgoing.once('response', resolve).once('error', reject);
      outgoing.end(JSON.stringify({ model: 'long', messages: [user('hi')] }));
    });
    slow.pause();
    let before = -1;
    await until('the provider waits', async () => {
      const isStill = written === before && written > 0;
      before = written;
      await new Promise((resolve) => setImmediate(resolve));
      await ask({ model: 'raw-chat' });
      return isStill;
    });
    expect(written).toBeLessThan(40 * mebibyte);
    slow.destroy();
  });
});

describe('an event of a stream', () => {
  const finished = `${chunkEvent({}, 'stop')}data: [DONE]\n\n`;
  const spoken = 'data: {"type":"speech.audio.done","usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}\n\n';
  const parts = async function* (count: number, bytes: number, start: string, ending: string): AsyncGenerator<Buffer> {
    for (let at = 0; at < count; at += 1) {
      yield Buffer.from(start);
      yield* text(bytes);
      yield Buffer.from(ending);
    }
  };
  /** Begins with these events, sends so many long ones and ends. */
  const streaming =
    (begin: string, events: AsyncIterable<Buffer>, last: string): ProviderScript =>
    (response) => {
      openStream(response).write(begin);
      void writeAll(response, events).then(() => response.end(last));
    };
  const chunk = (): [string, string] => {
    const [before = '', behind = ''] = chunkEvent({ content: '@' }).split('@');
    return [before, behind];
  };
  const kinds: readonly [string, object, [string, string], string, string][] = [
    ['/chat/completions', { stream: true }, chunk(), chunkEvent({ content: 'a' }), finished],
    [
      '/audio/speech',
      { stream_format: 'sse' },
      ['data: {"type":"speech.audio.delta","audio":"', '"}\n\n'],
      'data: {"type":"speech.audio.delta","audio":"a"}\n\n',
      spoken,
    ],
  ];

  it.each(kinds)(
    'counts while it comes, and is refused beyond the share: %s',
    async (path, asked, [start, ending], first, last) => {
      const tooLong = () => parts(1, 9 * mebibyte, start, ending);
      script = streaming('', tooLong(), last);
      const refused = await ask(asked, path);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
      expect(((await refused.json()) as { error: { code: string } }).error.code).toBe('overloaded');
      script = streaming(first, tooLong(), last);
      const broken = await ask(asked, path);
      const lines = dataLines(await broken.text());
      expect([broken.status, lines.length]).toEqual([200, 2]);
      expect(JSON.parse(lines[1] ?? '')).toMatchObject({ error: { code: 'overloaded' } });
    },
  );

  it.each(kinds)('counts no longer than it is held: %s', async (path, asked, [start, ending], _first, last) => {
    script = streaming('', parts(12, 2 * mebibyte, start, ending), last);
    const whole = await ask(asked, path);
    expect([whole.status, (await whole.text()).length > 24 * mebibyte]).toEqual([200, true]);
    script = streaming('', parts(1, 4 * mebibyte, start, ending), last);
    // The server learns a moment after the client that all has been taken.
    await until('all is free again', async () => {
      const again = await ask(asked, path);
      return again.status === 200 && !(await again.text()).includes('overloaded');
    });
  });
});
