import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { client, sandbox, useSandbox } from '../../test/support/sandbox-client.js';

useSandbox();

interface RawList {
  data: { embedding: number[] | string }[];
}

async function raw(body: object): Promise<number[] | string | undefined> {
  const answer = await fetch(`${sandbox.url}/v1/embeddings`, { method: 'POST', body: JSON.stringify({ model: 'm', ...body }) });
  return ((await answer.json()) as RawList).data[0]?.embedding;
}

function floatsOf(base64: unknown): number[] {
  const bytes = Buffer.from(String(base64), 'base64');
  return Array.from({ length: bytes.length / 4 }, (_unused, index) => bytes.readFloatLE(index * 4));
}

describe('POST /v1/embeddings', () => {
  it.each<[string, OpenAI.EmbeddingCreateParams['input'], number, number]>([
    ['a text', 'hello world', 1, 2],
    ['texts', ['hello world', 'again'], 2, 3],
    ['token ids', [5, 6, 7], 1, 3],
    ['lists of token ids', [[5], [6, 7]], 2, 3],
  ])('takes %s and counts the tokens', async (_name, input, count, tokens) => {
    const list = await client.embeddings.create({ model: 'm', input });
    expect(list).toMatchObject({ object: 'list', model: 'm-2026-01-01', usage: { prompt_tokens: tokens, total_tokens: tokens } });
    expect(list.data.map((entry) => [entry.index, entry.embedding.length])).toEqual(
      Array.from({ length: count }, (_unused, index) => [index, 256]),
    );
  });

  it('gives the same numbers as floats and as base64, floats by default', async () => {
    const floats = await raw({ input: 'hello' });
    expect(Array.isArray(floats)).toBe(true);
    expect(floatsOf(await raw({ input: 'hello', encoding_format: 'base64' }))).toEqual(floats);
    expect(await raw({ input: 'hello', encoding_format: 'float' })).toEqual(floats);
  });

  it('answers in the other encoding on command, for the text without the command', async () => {
    const floats = await raw({ input: 'hello' });
    expect(await raw({ input: 'hello [[wrong-encoding]]', encoding_format: 'base64' })).toEqual(floats);
    expect(floatsOf(await raw({ input: 'hello [[wrong-encoding]]', encoding_format: 'float' }))).toEqual(floats);
  });

  it('honours dimensions', async () => {
    expect((await client.embeddings.create({ model: 'm', input: 'x', dimensions: 3072 })).data[0]?.embedding).toHaveLength(3072);
  });

  it.each<[string, object]>([
    ['input', {}],
    ['input', { input: '' }],
    ['input', { input: [] }],
    ['input', { input: { a: 1 } }],
    ['input[1]', { input: ['a', 1] }],
    ['dimensions', { input: 'x', dimensions: 3073 }],
    ['encoding_format', { input: 'x', encoding_format: 'hex' }],
  ])('refuses a wrong %s: %j', async (param, body) => {
    const answer = await fetch(`${sandbox.url}/v1/embeddings`, { method: 'POST', body: JSON.stringify({ model: 'm', ...body }) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
  });
});
