import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGeminiProvider, type GeminiProvider } from '../../../../../test/support/gemini-provider.js';
import type { Fields } from '../../../../kernel/fields.js';
import { printExact } from '../../wire/exact-json.js';
import { geminiEmbeddings } from './gemini-embeddings.js';

let provider: GeminiProvider;
beforeAll(async () => {
  provider = await startGeminiProvider();
});
afterAll(() => provider.close());

/** A vector for each text, and how many tokens they have. */
async function embedded(body: Fields): Promise<Fields> {
  provider.answerWith(({ body: asked }, response) => {
    const embeddings = (asked['requests'] as unknown[]).map((_one, at) => ({ values: [at, 0.5] }));
    response.end(JSON.stringify({ embeddings, usageMetadata: { promptTokenCount: 12 } }));
  });
  const { path, body: sent } = geminiEmbeddings.request(body, {});
  const headers = { 'x-goog-api-key': 'a-key' };
  const response = await fetch(provider.url + path, { method: 'POST', headers, body: printExact(sent) });
  return geminiEmbeddings.whole((await response.json()) as Fields);
}

describe('embeddings', () => {
  it('come in the order of their texts, with what they cost', async () => {
    expect(
      await embedded({ model: 'gemini-embedding-001', input: ['a', 'b'], dimensions: 768, encoding_format: 'base64' }),
    ).toEqual({
      data: [
        { object: 'embedding', index: 0, embedding: [0, 0.5] },
        { object: 'embedding', index: 1, embedding: [1, 0.5] },
      ],
      usage: { prompt_tokens: 12, total_tokens: 12 },
    });
    const request = { model: 'models/gemini-embedding-001', outputDimensionality: 768 };
    expect(provider.asked.at(-1)?.body).toEqual({
      requests: [
        { ...request, content: { parts: [{ text: 'a' }] } },
        { ...request, content: { parts: [{ text: 'b' }] } },
      ],
    });
    expect(await embedded({ model: 'models/x', input: 'a' })).toMatchObject({ data: [{ index: 0 }] });
  });

  it('are refused by the provider in its words', async () => {
    const input = Array.from({ length: 101 }, () => 'a');
    expect(await embedded({ model: 'x', input })).toEqual({
      error: { message: '* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch' },
    });
  });

  it.each([{ error: { message: { toString: 1 } } }, { error: { message: null } }, { error: [{}] }])(
    'are none where the provider tells an error in an odd form: %j',
    (given) => {
      expect(geminiEmbeddings.whole(given)).toEqual({ error: { message: '' } });
    },
  );

  it('are of texts only', () => {
    const refusalOf = (input: unknown): unknown => {
      try {
        return geminiEmbeddings.request({ model: 'x', input }, {});
      } catch (error) {
        const { code, param } = error as { code?: unknown; param?: unknown };
        return [code, param];
      }
    };
    for (const input of [[1, 2], [[1, 2]], ['a', 1]]) expect(refusalOf(input)).toEqual(['unsupported_parameter', 'input']);
    for (const input of [undefined, 7, []]) expect(refusalOf(input)).toEqual(['invalid_value', 'input']);
  });

  it('leave out hints and name them, and go where the connection says', () => {
    const { path, leftOut } = geminiEmbeddings.request(
      { model: 'x', input: 'a', user: 'u', dimensions: null },
      { path: '/embed' },
    );
    expect({ path, leftOut }).toEqual({ path: '/embed:batchEmbedContents', leftOut: ['user'] });
  });

  it('that are none leave no data', () => {
    for (const given of [{}, { embeddings: [{}] }, { embeddings: [{ values: 'x' }] }, { embedding: { values: [1] } }])
      expect(geminiEmbeddings.whole(given)).toEqual({});
    expect(geminiEmbeddings.whole({ embeddings: [{ values: [1] }] })).toEqual({
      data: [{ object: 'embedding', index: 0, embedding: [1] }],
    });
  });
});
