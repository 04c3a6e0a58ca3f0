import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { listen } from '../support/listening.js';
import { faultsOf } from '../support/openai-schema.js';
import { bench, client, provider, useMedia } from '../support/media-bench.js';
import { jsonAnswer, type MediaAnswer } from '../support/media-provider.js';
import { dataLines, openai, post, until, untilPublished } from '../support/relay.js';
import { publishOn } from '../support/scripted-provider.js';

const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(1_000, 7)]);
const data = png.toString('base64');
const usage = {
  input_tokens: 5,
  output_tokens: 100,
  total_tokens: 105,
  input_tokens_details: { text_tokens: 5, image_tokens: 0 },
};

interface Shown {
  readonly data: readonly { readonly b64_json?: string; readonly url?: string; readonly revised_prompt?: string }[];
}

useMedia(async () => {
  const { platform } = bench;
  const scripted = await publishOn(platform, provider.url, 'raw');
  const on = (connection: string, further: object = {}) => ({ models: { image: { connection, model: 'dall-e-3', ...further } } });
  await platform.factory.alias(platform.acme, 'studio', on(platform.acme.connectionId, { model: 'gpt-image-1' }));
  await platform.factory.alias(scripted, 'hidden', on(scripted.connectionId, { size: '512x512', quality: 'hd' }));
  await platform.factory.alias(scripted, 'open', on(scripted.connectionId, { provider_urls: true, response_format: 'url' }));
  await platform.factory.alias(scripted, 'data-only', on(scripted.connectionId, { model: 'openai/gpt-image-1' }));
  await platform.factory.alias(scripted, 'wide', on(scripted.connectionId, { size: '1024x1536', quality: 'low' }));
  await platform.factory.alias(scripted, 'plain', on(scripted.connectionId));
  for (const name of ['studio', 'hidden', 'open', 'data-only', 'wide', 'plain']) await untilPublished(platform, name);
});

/** Answers a call with this reply, and whoever then asks for `/image` with an image. */
const withImage =
  (reply: (address: string) => object, content: MediaAnswer = (_asked, response) => response.end(png)): MediaAnswer =>
  (asked, response) =>
    asked.path.startsWith('/image')
      ? content(asked, response)
      : jsonAnswer(reply(provider.url.replace('/v1', '/image?sig=a%2Fb')))(asked, response);

async function draw(body: object, secret?: string) {
  const key = secret === undefined ? await bench.newKey() : { secret, id: '' };
  const url = `${bench.platform.app.baseUrl}/images/generations`;
  const reply = await post({ url, secret: key.secret, body: { model: 'hidden', prompt: 'a harbour', ...body } });
  const text = await reply.text();
  return { key, status: reply.status, headers: reply.headers, text, shown: () => JSON.parse(text) as Shown };
}

describe('POST /images/generations', () => {
  it('gives images as data', async () => {
    const reply = await client.images.generate({ model: 'studio', prompt: 'a harbour', n: 2, size: '1024x1536' });
    expect(faultsOf('ImagesResponse', reply)).toEqual([]);
    expect(reply.data?.map((image) => Buffer.from(image.b64_json ?? '', 'base64').toString('latin1', 1, 4))).toEqual([
      'PNG',
      'PNG',
    ]);
  });

  it('streams partial images and the whole one, and books it', async () => {
    const key = await bench.newKey();
    const stream = await openai(bench.platform.app.baseUrl, key).images.generate({
      ...{ model: 'studio', prompt: 'a harbour', size: '1024x1024', stream: true, partial_images: 2 },
    });
    const events: OpenAI.ImageGenStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events.map(({ type }) => type)).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
    for (const event of events) expect(faultsOf('ImageGenStreamEvent', event)).toEqual([]);
    const last = events.at(-1) as OpenAI.ImageGenCompletedEvent;
    expect(await bench.onlyRecord(key)).toMatchObject({
      ...{ state: 'completed', source: 'upstream', stream: true, images: 1, image_size: '1024x1024' },
      ...{ input_tokens: last.usage.input_tokens, output_tokens: last.usage.output_tokens },
    });
  });

  const eventsOf = (text: string) => dataLines(text).map((line) => JSON.parse(line) as OpenAI.ImageGenCompletedEvent);

  it('gives a stream where its provider answers in one piece', async () => {
    const told = { size: '1024x1024', quality: 'high', background: 'opaque', output_format: 'webp' };
    provider.answerWith(jsonAnswer({ created: 1, ...told, data: [{ b64_json: data }], usage }));
    const { key, status, text } = await draw({ stream: true, quality: 'low' });
    expect([status, eventsOf(text)]).toEqual([
      200,
      [{ type: 'image_generation.completed', b64_json: data, created_at: 1, ...told, usage }],
    ]);
    expect(await bench.onlyRecord(key)).toMatchObject({ source: 'upstream', input_tokens: 5, output_tokens: 100, images: 1 });
  });

  it.each<[string, object, object]>([
    [
      'the request',
      { size: '1536x1024', quality: 'medium', background: 'transparent', output_format: 'jpeg' },
      { size: '1536x1024', quality: 'medium', background: 'transparent', output_format: 'jpeg' },
    ],
    ['the agent', { model: 'wide' }, { size: '1024x1536', quality: 'low', background: 'auto', output_format: 'png' }],
    [
      'what is usual',
      { model: 'plain', quality: 'standard' },
      { size: 'auto', quality: 'auto', background: 'auto', output_format: 'png' },
    ],
  ])('makes whole events of what its provider leaves out: from %s', async (_what, asked, look) => {
    provider.answerWith(jsonAnswer({ created: 1, data: [{ b64_json: data }, { b64_json: data }] }));
    const { key, text } = await draw({ n: 2, stream: true, ...asked });
    const events = eventsOf(text);
    for (const event of events) expect(faultsOf('ImageGenStreamEvent', event)).toEqual([]);
    expect(events).toMatchObject([look, look]);
    // The event has a usage that nobody told: it is not booked.
    expect(await bench.onlyRecord(key)).toMatchObject({ source: 'counted', images: 2, output_tokens: 0 });
  });

  it('tells the usage of several images once', async () => {
    provider.answerWith(jsonAnswer({ created: 1, data: [{ b64_json: data }, { b64_json: data }], usage }));
    const { text } = await draw({ n: 2, stream: true });
    expect(eventsOf(text).map((event) => event.usage.total_tokens)).toEqual([0, 105]);
  });

  it('books number and size beside the tokens', async () => {
    provider.answerWith(jsonAnswer({ created: 1, data: [{ b64_json: data }, { b64_json: data }], usage }));
    const { key } = await draw({ n: 2 });
    expect(await bench.onlyRecord(key)).toMatchObject({
      ...{ route: 'images.generate', endpoint: 'hidden', source: 'upstream', images: 2, image_size: '512x512' },
      ...{ input_tokens: 5, output_tokens: 100, total_tokens: 105, audio_seconds: null, input_characters: null },
    });
    expect((await bench.usageOf(key)).totals).toMatchObject({ images: 2 });
  });

  it('takes size, quality and form of the agent where the request names none', async () => {
    provider.answerWith(jsonAnswer({ created: 1, data: [{ b64_json: data }] }));
    await draw({});
    expect(provider.last()).toMatchObject({
      path: '/v1/images/generations',
      body: { model: 'dall-e-3', size: '512x512', quality: 'hd', response_format: 'b64_json' },
    });
    await draw({ size: '256x256', quality: 'low' });
    expect(provider.last().body).toMatchObject({ size: '256x256', quality: 'low' });
    await draw({ model: 'open' });
    expect(provider.last().body).toMatchObject({ response_format: 'url' });
    await draw({ model: 'data-only', response_format: 'url' });
    expect(provider.last().body).not.toHaveProperty('response_format');
  });

  it('passes long replies on whole', async () => {
    const long = Buffer.concat([png, Buffer.alloc(3 * 1024 * 1024, 9)]).toString('base64');
    provider.answerWith(jsonAnswer({ created: 1, data: [{ b64_json: long }, { b64_json: long }], usage }));
    const { shown } = await draw({ n: 2 });
    expect(shown().data.map((image) => image.b64_json === long)).toEqual([true, true]);
  });
});

describe('an address at the provider', () => {
  const revised_prompt = 'a harbour at night';

  it.each([
    ['of a request that names no form', {}, null],
    ['of a request for data', { response_format: 'b64_json' }, null],
    ['of a request for an address', { response_format: 'url' }, 'b64_json'],
  ])('is replaced by what stands there in the answer %s', async (_what, body, form) => {
    provider.answerWith(
      withImage((url) => ({
        created: 1,
        data: [
          { url, revised_prompt },
          { b64_json: data, url },
        ],
        usage,
      })),
    );
    const { status, headers, text, shown } = await draw(body);
    expect([status, headers.get('x-gt-image-form')]).toEqual([200, form]);
    expect(shown().data).toEqual([{ revised_prompt, b64_json: data }, { b64_json: data }]);
    expect(text).not.toContain('127.0.0.1');
    const fetched = provider.last();
    expect([fetched.path, fetched.headers.authorization]).toEqual(['/image?sig=a%2Fb', undefined]);
    expect(provider.asked.at(-2)?.body).toMatchObject({ response_format: 'b64_json' });
  });

  it('that holds the data itself is read', async () => {
    provider.answerWith(jsonAnswer({ created: 1, data: [{ url: `data:image/png;base64,${data}` }] }));
    expect((await draw({})).shown().data).toEqual([{ b64_json: data }]);
  });

  it('is replaced in a stream that the provider answers in one piece', async () => {
    provider.answerWith(withImage((url) => ({ created: 1, data: [{ url }] })));
    const { text } = await draw({ stream: true });
    expect(dataLines(text).map((line) => JSON.parse(line))).toMatchObject([
      { type: 'image_generation.completed', b64_json: data },
    ]);
    expect(text).not.toContain('127.0.0.1');
  });

  it.each([
    ['that nobody asked for', {}, null],
    ['that the client asked for', { response_format: 'url' }, 'b64_json'],
  ])('%s is replaced in a stream also where it may be shown: events have no member for it', async (_what, asked, form) => {
    provider.answerWith(withImage((url) => ({ created: 1, data: [{ url }] })));
    const { status, headers, text } = await draw({ model: 'open', stream: true, ...asked });
    expect([status, headers.get('x-gt-image-form')]).toEqual([200, form]);
    expect(dataLines(text).map((line) => JSON.parse(line))).toMatchObject([
      { type: 'image_generation.completed', b64_json: data },
    ]);
    expect(text).not.toContain('127.0.0.1');
    expect(provider.asked.at(-2)?.body).toMatchObject({ response_format: 'b64_json' });
  });

  it('is shown where the agent says so, and nobody asked for data', async () => {
    const url = 'https://images.example.com/a.png';
    provider.answerWith(jsonAnswer({ created: 1, data: [{ url }] }));
    const { headers, shown } = await draw({ model: 'open', response_format: 'url' });
    expect([headers.get('x-gt-image-form'), shown().data]).toEqual([null, [{ url }]]);
    provider.answerWith(withImage((address) => ({ created: 1, data: [{ url: address }] })));
    expect((await draw({ model: 'open', response_format: 'b64_json' })).shown().data).toEqual([{ b64_json: data }]);
  });

  it.each<[string, (address: string) => string, MediaAnswer | undefined]>([
    ['in a network that no call may reach', () => 'http://10.1.2.3/a.png', undefined],
    ['of another kind', () => 'file:///etc/passwd', undefined],
    ['with a password', (url) => url.replace('http://', 'http://a:b@'), undefined],
    ['that is none', () => 'a.png', undefined],
    ['where a secret stands', (url) => url, jsonAnswer({ secret: 'internal' })],
    ['that leads elsewhere', (url) => url, (_asked, response) => response.writeHead(302, { location: '/image' }).end()],
    ['that is gone', (url) => url, (_asked, response) => response.writeHead(404).end(png)],
    ['that breaks off', (url) => url, (_asked, response) => void response.writeHead(200).write(png, () => response.destroy())],
  ])('%s is 502, and the call is booked as failed with its tokens', async (_what, written, content) => {
    provider.answerWith(withImage((url) => ({ created: 1, data: [{ url: written(url) }], usage }), content));
    const { key, status, text } = await draw({});
    expect([status, text]).toEqual([502, expect.not.stringMatching(/127\.0\.0\.1|10\.1\.2\.3|internal/)]);
    expect(await bench.onlyRecord(key)).toMatchObject({ state: 'upstream_failed', status: 502, total_tokens: 105 });
  });

  it('at another server, which the platform may call but the public may not, is 502 and not asked for', async () => {
    let calls = 0;
    const other = await listen((_text, _request, response) => {
      calls += 1;
      response.end(png);
    });
    provider.answerWith(jsonAnswer({ created: 1, data: [{ url: other.url }], usage }));
    expect((await draw({})).status).toBe(502);
    expect(calls).toBe(0);
    await other.close();
  });

  it('is not asked for any more when the client leaves', async () => {
    let left = false;
    let asked = false;
    provider.answerWith(
      withImage(
        (url) => ({ created: 1, data: [{ url }], usage }),
        (_asked, response) => {
          asked = true;
          response.once('close', () => (left = true));
        },
      ),
    );
    const key = await bench.newKey();
    const controller = new AbortController();
    const url = `${bench.platform.app.baseUrl}/images/generations`;
    const body = { model: 'hidden', prompt: 'a harbour' };
    const reply = post({ url, secret: key.secret, body, signal: controller.signal }).catch(() => undefined);
    await until('the image is asked for', () => asked);
    controller.abort();
    await until('the provider sees it', () => left);
    await reply;
    expect(await bench.onlyRecord(key)).toMatchObject({ state: 'client_closed', status: 499, total_tokens: 105 });
  });
});

describe('what is no image', () => {
  const told = { error: { message: 'no at https://gpu7.internal.example' } };
  it.each<[string, MediaAnswer, object]>([
    ['an error', jsonAnswer(told), {}],
    ['no images', jsonAnswer({ created: 1, data: [] }), {}],
    ['an image without anything', jsonAnswer({ created: 1, data: [{ b64_json: '' }] }), {}],
    ['something that is no object', jsonAnswer({ created: 1, data: ['a'] }), {}],
    ['an image as such', (_asked, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(png), {}],
    [
      'an event without data',
      (_asked, response) =>
        response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end('data: {"type":"image_generation.completed","url":"http://gpu7"}\n\n'),
      { stream: true },
    ],
  ])('%s with status 200 is 502', async (_what, answer, further) => {
    provider.answerWith(answer);
    const { key, status, text } = await draw(further);
    expect([status, text]).toEqual([502, expect.not.stringContaining('gpu7')]);
    expect(await bench.onlyRecord(key)).toMatchObject({ state: 'upstream_failed', status: 502, images: null });
  });

  it.each([
    ['no prompt', { prompt: undefined }, 'missing_required_parameter', 'prompt'],
    ['too many', { n: 11 }, 'invalid_value', 'n'],
    ['an endpoint without the modality', { model: 'assistant' }, 'unsupported_modality', 'model'],
  ])('refuses %s', async (_what, body, code, param) => {
    const { status, text } = await draw(body);
    expect([status, (JSON.parse(text) as { error: object }).error]).toMatchObject([400, { code, param }]);
  });
});
