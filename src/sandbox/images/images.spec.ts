import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { client, sandbox, useSandbox } from '../../../test/support/sandbox-client.js';
import OpenAI, { toFile } from 'openai';
import { tinyPng } from './png.js';

useSandbox();

const bytesOf = (image: { b64_json?: string | undefined } | undefined) => Buffer.from(image?.b64_json ?? '', 'base64');
const draw = (prompt: string, body: object = {}) => client.images.generate({ model: 'm', prompt, ...body, stream: false });
const picture = (name: string) => toFile(tinyPng(name), `${name}.png`, { type: 'image/png' });

/** The chunks of a PNG, in their order. */
function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

async function eventsOf(path: string, init: RequestInit): Promise<Record<string, unknown>[]> {
  const text = await (await fetch(`${sandbox.url}/v1/images/${path}`, { method: 'POST', ...init })).text();
  return [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, name, data = '']) => {
    const event = JSON.parse(data) as Record<string, unknown>;
    expect(event['type']).toBe(name);
    return event;
  });
}

describe('POST /v1/images/generations', () => {
  it('gives small valid images, the same ones for the same prompt and each another', async () => {
    const answer = await draw('a cat', { n: 2 });
    expect(answer).toMatchObject({ created: expect.any(Number), size: '1024x1024', quality: 'medium', output_format: 'png' });
    const [first, second] = (answer.data ?? []).map(bytesOf);
    expect(first).not.toEqual(second);
    const chunks = chunksOf(first ?? Buffer.alloc(0));
    expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect(inflateSync(chunks[1]?.data ?? '')).toHaveLength(8 * (1 + 8 * 3));
    expect((await draw('a cat', { n: 2 })).data).toEqual(answer.data);
  });

  it('counts tokens as image models do', async () => {
    expect((await draw('a cat', { n: 2, quality: 'low' })).usage).toEqual({
      input_tokens: 2,
      input_tokens_details: { text_tokens: 2, image_tokens: 0 },
      output_tokens: 544,
      output_tokens_details: { text_tokens: 0, image_tokens: 544 },
      total_tokens: 546,
    });
    expect((await draw('a', { size: '1536x1024', quality: 'high' })).usage?.output_tokens).toBe(6208);
    expect((await draw('a [[no-usage]]')).usage).toBeUndefined();
  });

  it.each([
    ['a cat', { response_format: 'url' }],
    ['a cat [[image-url]]', {}],
  ])('gives an address where %s %j asks for it', async (prompt, body) => {
    const url = (await draw(prompt, body)).data?.[0]?.url ?? '';
    expect(url).toMatch(new RegExp(`^${sandbox.url}/sandbox/images/[0-9a-f]{24}\\.png$`));
    const fetched = await fetch(url);
    expect(fetched.headers.get('content-type')).toBe('image/png');
    expect(chunksOf(Buffer.from(await fetched.arrayBuffer()))).toHaveLength(3);
    expect((await fetch(`${url}x`)).status).toBe(404);
  });

  it('may be as large as a test wants', async () => {
    const large = bytesOf((await draw('x [[huge:100000]]')).data?.[0]);
    expect(large.length).toBeGreaterThan(100_000);
    expect(chunksOf(large)).toHaveLength(4);
  });

  it('streams unfinished images and then the one of the plain answer with its usage', async () => {
    const body = { model: 'm', prompt: 'a cat', stream: true, partial_images: 2 };
    const events = await eventsOf('generations', { body: JSON.stringify(body) });
    expect(events).toMatchObject([
      { type: 'image_generation.partial_image', partial_image_index: 0, b64_json: expect.any(String), size: '1024x1024' },
      { type: 'image_generation.partial_image', partial_image_index: 1 },
      { type: 'image_generation.completed', usage: { output_tokens: 1056 + 200 } },
    ]);
    expect(events[2]?.['b64_json']).toBe((await draw('a cat')).data?.[0]?.b64_json);
    const types: string[] = [];
    for await (const event of await client.images.generate({ model: 'm', prompt: 'a cat', stream: true })) types.push(event.type);
    expect(types).toEqual(['image_generation.completed']);
  });

  it('breaks off in a stream on command', async () => {
    const body = { prompt: 'a [[error-event:1]]', stream: true, partial_images: 3 };
    expect(await eventsOf('generations', { body: JSON.stringify(body) })).toMatchObject([
      { type: 'image_generation.partial_image' },
      { type: 'error', error: { code: 'server_error' } },
    ]);
  });

  it.each([
    [{}, 'prompt'],
    [{ prompt: 1 }, 'prompt'],
    [{ prompt: 'x', n: 0 }, 'n'],
    [{ prompt: 'x', n: 2, stream: true }, 'n'],
    [{ prompt: 'x', size: 'large' }, 'size'],
    [{ prompt: 'x', response_format: 'svg' }, 'response_format'],
  ])('refuses %j', async (body, param) => {
    const answer = await fetch(`${sandbox.url}/v1/images/generations`, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param } });
  });
});

describe('POST /v1/images/edits and /v1/images/variations', () => {
  it('take one image, several of them, and a mask; each changes what is drawn', async () => {
    const [a, b, mask] = [await picture('a'), await picture('b'), await picture('mask')];
    const edit = async (body: Pick<OpenAI.ImageEditParamsNonStreaming, 'image' | 'mask'>) =>
      client.images.edit({ model: 'm', prompt: 'hat', n: 1, ...body });
    const answers = [await edit({ image: a }), await edit({ image: [a, b] }), await edit({ image: a, mask })];
    expect(answers.map(({ usage }) => usage?.input_tokens_details.image_tokens)).toEqual([194, 388, 388]);
    expect(new Set(answers.map(({ data }) => data?.[0]?.b64_json)).size).toBe(3);
    for (const { data } of answers) expect(chunksOf(bytesOf(data?.[0]))).toHaveLength(3);
  });

  it('stream an edit', async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ prompt: 'hat', stream: 'true', partial_images: '1' })) form.append(name, value);
    form.append('image[]', new Blob([tinyPng('a')]), 'a.png');
    expect(await eventsOf('edits', { body: form })).toMatchObject([
      { type: 'image_edit.partial_image', partial_image_index: 0 },
      { type: 'image_edit.completed', usage: { input_tokens_details: { image_tokens: 194 } } },
    ]);
  });

  it('vary an image without a prompt', async () => {
    const { data } = await client.images.createVariation({ image: await picture('a'), n: 2, response_format: 'url' });
    expect(data?.map(({ url }) => typeof url)).toEqual(['string', 'string']);
  });

  it('refuse what is no form, and a form without an image', async () => {
    const form = new FormData();
    form.append('prompt', 'hat');
    for (const [body, param] of [
      [JSON.stringify({ prompt: 'x' }), null],
      [form, 'image'],
    ] as const) {
      const answer = await fetch(`${sandbox.url}/v1/images/edits`, { method: 'POST', body });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: { param } });
    }
  });
});
