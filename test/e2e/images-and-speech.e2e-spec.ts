import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { call } from '../support/app.js';
import { jsonAnswer, startMediaProvider, type MediaProvider } from '../support/media-provider.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { openai, post, until } from '../support/relay.js';

let platform: TestPlatform;
let provider: MediaProvider;
let key: SeededKey;
let scripted: SeededKey;
let client: OpenAI;

beforeAll(async () => {
  platform = await startPlatform();
  provider = await startMediaProvider();
  const { factory, acme } = platform;
  const models = (connection: string, image = 'gpt-image-1', further: object = {}) => ({
    models: {
      chat: { connection, model: 'sandbox-chat' },
      speech: { connection, model: 'sandbox-speech', voice: 'alloy', format: 'wav' },
      image: { connection, model: image, ...further },
    },
  });
  await factory.alias(acme, 'studio', models(acme.connectionId));
  key = await factory.key(acme);
  client = openai(platform.app.baseUrl, key);
  const other = await factory.tenant('scripted', provider.url);
  await factory.alias(other, 'studio', models(other.connectionId, 'dall-e-3'));
  await factory.alias(other, 'open-studio', models(other.connectionId, 'dall-e-3', { provider_urls: true }));
  scripted = await factory.key(other);
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

const ask = async (path: string, body: object) => {
  const reply = await post({ url: platform.app.baseUrl + path, secret: scripted.secret, body: { model: 'studio', ...body } });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
};

describe('POST /audio/speech', () => {
  it.each<[OpenAI.Audio.SpeechCreateParams['response_format'], RegExp, string]>([
    ['mp3', /^audio\/mpeg/, ''],
    ['wav', /^audio\/(?:x-)?wav/, 'RIFF'],
    ['flac', /^audio\/(?:x-)?flac/, 'fLaC'],
    ['opus', /^audio\//, 'OggS'],
    ['aac', /^audio\/aac/, ''],
    ['pcm', /^audio\//, ''],
  ])('speaks in %s as the provider gives it', async (format, type, start) => {
    const reply = await client.audio.speech.create({
      model: 'studio',
      voice: 'alloy',
      input: 'Hello there',
      response_format: format,
    });
    expect(reply.headers.get('content-type')).toMatch(type);
    const bytes = Buffer.from(await reply.arrayBuffer());
    expect(bytes.length).toBeGreaterThan(50);
    expect(bytes.toString('latin1', 0, start.length)).toBe(start);
  });

  it('has voice and format of the agent where the request leaves them out', async () => {
    provider.answerWith((_asked, response) => response.writeHead(200).end(Buffer.alloc(200, 1)));
    const reply = await ask('/audio/speech', { input: 'Hello' });
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    expect(provider.last()).toMatchObject({
      path: '/v1/audio/speech',
      body: { model: 'sandbox-speech', voice: 'alloy', response_format: 'wav', input: 'Hello' },
    });
    await ask('/audio/speech', { input: 'Hello', voice: 'nova', response_format: 'mp3' });
    expect(provider.last().body).toMatchObject({ voice: 'nova', response_format: 'mp3' });
  });

  it('comes in events where the client wants them', async () => {
    const reply = await post({
      url: `${platform.app.baseUrl}/audio/speech`,
      secret: key.secret,
      body: { model: 'studio', voice: 'alloy', input: 'Hello', stream_format: 'sse' },
    });
    const text = await reply.text();
    expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const types = [...text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json).type);
    expect([types[0], types.at(-1)]).toEqual(['speech.audio.delta', 'speech.audio.done']);
  });

  it.each<[string, string, string]>([
    ['an error in JSON', 'application/json', '{"error":{"message":"at host.internal"}}'],
    ['an error without a type', '', '{"error":{"message":"at host.internal"}}'],
    ['a page', 'text/html', '<html>host.internal</html>'],
    ['nothing', 'audio/mpeg', ''],
  ])('that is %s with status 200 is 502', async (_what, type, body) => {
    provider.answerWith((_asked, response) => response.writeHead(200, type === '' ? {} : { 'content-type': type }).end(body));
    const reply = await ask('/audio/speech', { input: 'Hello' });
    expect([reply.status, reply.body.error.code]).toEqual([502, 'upstream_error']);
    expect(reply.text).not.toContain('host.internal');
  });

  it('that breaks off breaks the connection', async () => {
    provider.answerWith((_asked, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write(Buffer.alloc(1000, 1));
      setImmediate(() => response.destroy());
    });
    const reply = await post({
      url: `${platform.app.baseUrl}/audio/speech`,
      secret: scripted.secret,
      body: { model: 'studio', input: 'Hello' },
    })
      .then(
        (response) => response.arrayBuffer().then(() => 'whole'),
        () => 'broken',
      )
      .catch(() => 'broken');
    expect(reply).toBe('broken');
  });

  it.each([
    [{}, 'input'],
    [{ input: 5 }, 'input'],
    [{ input: 'x', stream_format: 'tape' }, 'stream_format'],
  ])('refuses %j', async (body, param) => {
    const reply = await ask('/audio/speech', body);
    expect([reply.status, reply.body.error.param]).toEqual([400, param]);
  });
});

describe('POST /images/generations', () => {
  it('gives images as data, whole and with partial ones', async () => {
    const whole = await client.images.generate({ model: 'studio', prompt: 'A harbour', n: 2 });
    expect(whole.data?.map(({ b64_json: data }) => Buffer.from(data ?? '', 'base64').toString('latin1', 1, 4))).toEqual([
      'PNG',
      'PNG',
    ]);
    const types: string[] = [];
    for await (const event of await client.images.generate({
      model: 'studio',
      prompt: 'A harbour',
      stream: true,
      partial_images: 2,
    }))
      types.push(event.type);
    expect(types.at(-1)).toBe('image_generation.completed');
    expect(types).toContain('image_generation.partial_image');
  });

  it('asks for data in place of addresses, and says so', async () => {
    provider.answerWith(jsonAnswer({ created: 1, data: [{ b64_json: 'AAAA' }] }));
    const reply = await ask('/images/generations', { prompt: 'A harbour', response_format: 'url' });
    expect([reply.status, reply.headers.get('x-gt-image-form')]).toEqual([200, 'b64_json']);
    expect(provider.last().body).toMatchObject({ model: 'dall-e-3', response_format: 'b64_json' });
  });

  it('shows a provider’s addresses only where the agent says so', async () => {
    provider.answerWith(jsonAnswer({ created: 1, data: [{ url: 'https://host.internal/a.png' }] }));
    const hidden = await ask('/images/generations', { prompt: 'A harbour' });
    expect([hidden.status, hidden.text.includes('host.internal')]).toEqual([502, false]);
    const shown = await ask('/images/generations', { model: 'open-studio', prompt: 'A harbour' });
    expect([shown.status, shown.body.data[0].url]).toEqual([200, 'https://host.internal/a.png']);
  });

  it('of an endpoint without images is 400', async () => {
    const reply = await ask('/images/generations', { model: 'assistant', prompt: 'A harbour' });
    expect([reply.status, reply.body.error.code]).toEqual([400, 'unsupported_modality']);
  });
});

it('books characters and images beside tokens', async () => {
  const own = await platform.factory.key(platform.acme);
  const caller = openai(platform.app.baseUrl, own);
  await caller.audio.speech.create({ model: 'studio', voice: 'alloy', input: 'Zwölf 🎉' });
  await caller.images.generate({ model: 'studio', prompt: 'A harbour', n: 2, size: '1024x1024' });
  const records = await until('both are booked', async () => {
    const { body } = await call(`${platform.app.baseUrl}/usage`, 'GET', own.secret);
    return body.data.length === 2 && body.data;
  });
  expect(records).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ route: 'audio.speech.create', input_characters: 7 }),
      expect.objectContaining({ route: 'images.generate', images: 2, image_size: '1024x1024' }),
    ]),
  );
});
