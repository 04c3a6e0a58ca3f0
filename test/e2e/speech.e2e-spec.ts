import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { faultsOf } from '../support/openai-schema.js';
import { bench, client, provider, useMedia } from '../support/media-bench.js';
import { jsonAnswer, type MediaAnswer } from '../support/media-provider.js';
import { dataLines, post, statsOf, until, untilPublished } from '../support/relay.js';
import { publishOn } from '../support/scripted-provider.js';

useMedia(async () => {
  const { platform } = bench;
  const scripted = await publishOn(platform, provider.url, 'scripted');
  const on = (connection: string, further: object = {}) => ({
    models: { speech: { connection, model: 'sandbox-speech', ...further } },
  });
  const usual = { voice: 'coral', format: 'wav', speed: 1.5 };
  await platform.factory.alias(platform.acme, 'speaker', on(platform.acme.connectionId, { voice: 'alloy' }));
  await platform.factory.alias(scripted, 'usual', on(scripted.connectionId, usual));
  await untilPublished(platform, 'speaker');
  await untilPublished(platform, 'usual');
});

const sound =
  (bytes: Buffer | string, type?: string): MediaAnswer =>
  (_asked, response) =>
    response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(bytes);
const speak = async (body: object) => bench.send(await bench.newKey(), '/audio/speech', { model: 'usual', input: 'hi', ...body });

describe('POST /audio/speech', () => {
  it.each([
    ['mp3', 'audio/mpeg'],
    ['opus', 'audio/opus'],
    ['aac', 'audio/aac'],
    ['flac', 'audio/flac'],
    ['wav', 'audio/wav'],
    ['pcm', 'audio/pcm'],
  ] as const)('answers %s as its provider made it, with the type %s', async (format, type) => {
    const reply = await client.audio.speech.create({
      model: 'speaker',
      voice: 'alloy',
      input: `hello [[chunks:3]]`,
      response_format: format,
    });
    const direct = await fetch(`${bench.platform.sandbox.url}/v1/audio/speech`, {
      method: 'POST',
      headers: { authorization: 'Bearer sandbox-secret-token-4242', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sandbox-speech', voice: 'alloy', input: 'hello [[chunks:3]]', response_format: format }),
    });
    const digest = async (one: { arrayBuffer(): Promise<ArrayBuffer> }) =>
      createHash('sha256')
        .update(Buffer.from(await one.arrayBuffer()))
        .digest('hex');
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, type]);
    expect(await digest(reply)).toBe(await digest(direct));
  });

  it('streams events that end with the usage', async () => {
    const key = await bench.newKey();
    const body = { model: 'speaker', input: 'hello [[chunks:3]]', stream_format: 'sse' };
    const { status, text } = await bench.send(key, '/audio/speech', body);
    const events = dataLines(text).map((line) => JSON.parse(line) as { type: string; usage?: object });
    expect([status, events.map(({ type }) => type)]).toEqual([
      200,
      [...Array.from({ length: 3 }, () => 'speech.audio.delta'), 'speech.audio.done'],
    ]);
    for (const event of events) expect(faultsOf('CreateSpeechResponseStreamEvent', event)).toEqual([]);
    expect(await bench.onlyRecord(key)).toMatchObject({
      state: 'completed',
      source: 'upstream',
      stream: true,
      input_characters: body.input.length,
      input_tokens: (events.at(-1)?.usage as { input_tokens: number }).input_tokens,
    });
  });

  it('books the characters that were spoken', async () => {
    provider.answerWith(sound('tone', 'audio/wav'));
    const key = await bench.newKey();
    expect((await bench.send(key, '/audio/speech', { model: 'usual', input: 'Grüße 😀\n' })).status).toBe(200);
    expect(await bench.onlyRecord(key)).toMatchObject({
      route: 'audio.speech.create',
      endpoint: 'usual',
      state: 'completed',
      input_characters: 8,
      audio_seconds: null,
      images: null,
    });
    expect((await bench.usageOf(key)).totals).toMatchObject({ calls: 1, input_characters: 8 });
  });

  it('takes voice, format and speed of the agent where the request names none', async () => {
    provider.answerWith(sound('tone'));
    await speak({});
    expect(provider.last()).toMatchObject({
      path: '/v1/audio/speech',
      headers: { accept: 'application/octet-stream' },
      body: { model: 'sandbox-speech', input: 'hi', voice: 'coral', response_format: 'wav', speed: 1.5 },
    });
    const own = { voice: { id: 'voice_1' }, response_format: 'flac', speed: 2, instructions: 'Whisper.' };
    await speak(own);
    expect(provider.last().body).toMatchObject(own);
  });

  it.each([
    ["the provider's own type with its parameters", 'audio/L16; rate=24000', {}, 'audio/L16; rate=24000'],
    ["that of the agent's format where the provider tells none", undefined, {}, 'audio/wav'],
    ['that of the asked format for bytes of any kind', 'application/octet-stream', { response_format: 'opus' }, 'audio/opus'],
    ['that of any bytes for a format that nobody knows', undefined, { response_format: 'mod' }, 'application/octet-stream'],
  ])('tells %s', async (_what, given, further, type) => {
    provider.answerWith(sound('x'.repeat(1_000), given));
    const { app } = bench.platform;
    const { secret } = await bench.newKey();
    const reply = await post({ url: `${app.baseUrl}/audio/speech`, secret, body: { model: 'usual', input: 'hi', ...further } });
    expect([reply.headers.get('content-type'), (await reply.text()).length]).toEqual([type, 1_000]);
  });

  const told = { error: { message: 'no voice at https://gpu7.internal.example' } };
  it.each<[string, MediaAnswer, object]>([
    ['an error in JSON', jsonAnswer(told), {}],
    ['an error in JSON that calls itself sound', jsonAnswer(told, 200, 'audio/mpeg'), {}],
    ['an error in JSON without a type', sound(JSON.stringify(told)), {}],
    ['a page', sound('<html></html>', 'text/html'), {}],
    ['nothing', sound('', 'audio/mpeg'), {}],
    ['events where bytes were asked for', sound('data: {}\n\n', 'text/event-stream'), {}],
    ['JSON where events were asked for', jsonAnswer(told), { stream_format: 'sse' }],
    ['sound where events were asked for', sound('tone', 'audio/mpeg'), { stream_format: 'sse' }],
    ['an error as the first event', sound(`data: ${JSON.stringify(told)}\n\n`, 'text/event-stream'), { stream_format: 'sse' }],
    ['events without an end', sound('data: {"a":1}\n\n', 'text/event-stream'), { stream_format: 'sse' }],
  ])('answers 502 for %s with status 200', async (_what, answer, further) => {
    provider.answerWith(answer);
    const key = await bench.newKey();
    const reply = await bench.send(key, '/audio/speech', { model: 'usual', input: 'hi', ...further });
    expect([reply.status, reply.text]).toEqual([502, expect.not.stringContaining('gpu7')]);
    expect(await bench.onlyRecord(key)).toMatchObject({ state: 'upstream_failed', status: 502, input_characters: null });
  });

  it.each([
    ['no input', { model: 'speaker', voice: 'alloy' }, 'missing_required_parameter', 'input'],
    ['a list of inputs', { model: 'speaker', input: ['a'] }, 'invalid_value', 'input'],
    ['an unknown way of streaming', { model: 'speaker', input: 'a', stream_format: 'ws' }, 'invalid_value', 'stream_format'],
    ['an endpoint without the modality', { model: 'assistant', input: 'a' }, 'unsupported_modality', 'model'],
  ])('refuses %s', async (_what, body, code, param) => {
    const reply = await bench.send(await bench.newKey(), '/audio/speech', body);
    expect([reply.status, (JSON.parse(reply.text) as { error: object }).error]).toMatchObject([400, { code, param }]);
  });

  it('breaks the connection when the provider breaks in the middle, and books it as failed', async () => {
    const key = await bench.newKey();
    const body = { model: 'speaker', input: 'hello [[chunks:4]] [[cut:2]]' };
    await expect(bench.send(key, '/audio/speech', body)).rejects.toThrow();
    expect(await bench.onlyRecord(key)).toMatchObject({ state: 'upstream_failed', status: 200 });
  });

  it('ends the call at the provider when the client leaves', async () => {
    const { platform } = bench;
    const controller = new AbortController();
    const body = { model: 'speaker', input: 'hello [[chunks:50]] [[pace:50]]' };
    const key = await bench.newKey();
    const { secret } = key;
    const reply = await post({ url: `${platform.app.baseUrl}/audio/speech`, secret, body, signal: controller.signal });
    await reply.body?.getReader().read();
    const before = (await statsOf(platform.sandbox)).aborted;
    controller.abort();
    await until('the provider sees it', async () => (await statsOf(platform.sandbox)).aborted > before);
    expect(await bench.onlyRecord(key)).toMatchObject({
      state: 'client_closed',
      status: 499,
      input_characters: body.input.length,
    });
  });

  it('reads from the provider no faster than the client does', async () => {
    const total = 256 * 1024 * 1024;
    const piece = Buffer.alloc(256 * 1024, 1);
    let sent = 0;
    const more = (response: ServerResponse): void => {
      while (sent < total) {
        sent += piece.length;
        if (!response.write(piece)) {
          response.once('drain', () => more(response));
          return;
        }
      }
      response.end();
    };
    provider.answerWith((_asked, response) => more(response.writeHead(200, { 'content-type': 'audio/wav' })));
    const { secret } = await bench.newKey();
    const body = { model: 'usual', input: 'hi' };
    const reply = await post({ url: `${bench.platform.app.baseUrl}/audio/speech`, secret, body });
    const reader = reply.body?.getReader();
    if (reader === undefined) throw new Error('There is no body.');
    await reader.read();
    let [last, same] = [-1, 0];
    await until('the provider has to wait', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      same = sent === last ? same + 1 : 0;
      last = sent;
      return same > 50;
    });
    expect(sent).toBeLessThan(total / 4);
    let received = 0;
    for (let one = await reader.read(); !one.done; one = await reader.read()) received += one.value.length;
    expect([sent, received > total - 1024 * 1024 * 8]).toEqual([total, true]);
  });
});
