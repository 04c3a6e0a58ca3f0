import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { toFile } from 'openai';
import { faultsOf } from '../support/openai-schema.js';
import { openai, untilPublished } from '../support/relay.js';
import { startUsageBench, type UsageBench } from '../support/usage-fixture.js';

let bench: UsageBench;
let client: OpenAI;

beforeAll(async () => {
  bench = await startUsageBench();
  const { acme, factory } = bench.platform;
  const hears = (model: string) => ({
    models: {
      transcribe: { connection: acme.connectionId, model },
      image: { connection: acme.connectionId, model: 'gpt-image-1' },
    },
  });
  await factory.alias(acme, 'ears', hears('whisper-1'));
  await factory.alias(acme, 'new-ears', hears('gpt-4o-transcribe'));
  for (const name of ['ears', 'new-ears']) await untilPublished(bench.platform, name);
  client = openai(bench.platform.app.baseUrl, await bench.newKey());
});
afterAll(() => bench.platform.close());

const sound = () => toFile(Buffer.alloc(96_000, 'a'), 'talk.wav');
const image = () => toFile(Buffer.alloc(5_000, 'i'), 'a.png', { type: 'image/png' });

describe('POST /audio/transcriptions', () => {
  it.each([
    ['json', 'CreateTranscriptionResponseJson'],
    ['verbose_json', 'CreateTranscriptionResponseVerboseJson'],
    ['diarized_json', 'CreateTranscriptionResponseDiarizedJson'],
  ] as const)('answers %s', async (response_format, schema) => {
    const reply: unknown = await client.audio.transcriptions.create({ model: 'ears', file: await sound(), response_format });
    expect(faultsOf(schema, reply)).toEqual([]);
    expect(reply).toMatchObject({ text: expect.stringContaining('96000 bytes of talk.wav') as unknown as string });
  });

  it.each([
    ['text', /^Heard 96000 bytes/, 'text/plain'],
    ['srt', /^1\n00:00:00,000 --> /, 'text/plain'],
    ['vtt', /^WEBVTT\n/, 'text/plain'],
  ] as const)('answers %s as it comes', async (response_format, text, type) => {
    const asked = client.audio.transcriptions.create({ model: 'ears', file: await sound(), response_format });
    const reply = await asked.asResponse();
    expect(reply.headers.get('content-type')).toContain(type);
    expect(await reply.text()).toMatch(text);
  });

  it.each([
    ['ears', { source: 'counted', audio_seconds: 3 }],
    ['new-ears', { source: 'upstream', audio_seconds: null }],
  ])('streams, and books what %s took', async (model, booked) => {
    const key = await bench.newKey();
    const stream = await openai(bench.platform.app.baseUrl, key).audio.transcriptions.create({
      model,
      stream: true,
      file: await sound(),
    });
    const events: { readonly type: string }[] = [];
    for await (const event of stream) events.push(event);
    // OpenAI describes no stream that is billed by its seconds.
    if (model === 'new-ears')
      expect(events.flatMap((event) => faultsOf('CreateTranscriptionResponseStreamEvent', event))).toEqual([]);
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['transcript.text.delta', 'transcript.text.done']));
    expect(events.at(-1)?.type).toBe('transcript.text.done');
    expect(await bench.onlyRecord(key)).toMatchObject({
      route: 'audio.transcriptions.create',
      endpoint: model,
      stream: true,
      ...booked,
    });
  });

  it('is 400 with an unknown format, in the words of the provider', async () => {
    const asked = {
      model: 'ears',
      file: await sound(),
      response_format: 'lrc',
    } as unknown as OpenAI.Audio.TranscriptionCreateParamsNonStreaming;
    await expect(client.audio.transcriptions.create(asked)).rejects.toMatchObject({ status: 400, param: 'response_format' });
  });
});

describe('POST /audio/translations', () => {
  it('answers in English', async () => {
    const reply = await client.audio.translations.create({ model: 'ears', file: await sound() });
    expect(reply).toEqual({ text: expect.stringContaining('96000 bytes') as unknown as string });
  });
});

describe('POST /images/edits', () => {
  it('gives images made of several', async () => {
    const asked = { model: 'ears', prompt: 'a harbour', image: [await image(), await image()], mask: await image(), n: 2 };
    const reply = await client.images.edit(asked);
    expect(faultsOf('ImagesResponse', reply)).toEqual([]);
    expect(reply.data?.map(({ b64_json }) => Buffer.from(b64_json ?? '', 'base64').toString('latin1', 1, 4))).toEqual([
      'PNG',
      'PNG',
    ]);
  });

  it('streams partial images and the whole one, and books it', async () => {
    const key = await bench.newKey();
    const asked = { model: 'ears', prompt: 'a harbour', image: await image(), stream: true, partial_images: 1 } as const;
    const types: string[] = [];
    for await (const event of await openai(bench.platform.app.baseUrl, key).images.edit(asked)) types.push(event.type);
    expect(types).toEqual(['image_edit.partial_image', 'image_edit.completed']);
    expect(await bench.onlyRecord(key)).toMatchObject({ route: 'images.edit', images: 1, source: 'upstream', stream: true });
  });
});

describe('POST /images/variations', () => {
  it('gives images like another one', async () => {
    const key = await bench.newKey();
    const reply = await openai(bench.platform.app.baseUrl, key).images.createVariation({
      model: 'ears',
      image: await image(),
      n: 2,
    });
    expect(faultsOf('ImagesResponse', reply)).toEqual([]);
    expect(reply.data?.length).toBe(2);
    expect(await bench.onlyRecord(key)).toMatchObject({ route: 'images.vary', images: 2 });
  });
});
