import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faultsOf } from '../support/openai-schema.js';
import { instructions, refusalOf, startRelay, type Relay } from '../support/relay-fixture.js';
import { post } from '../support/relay.js';

let relay: Relay;
beforeAll(async () => void (relay = await startRelay()));
afterAll(() => relay.platform.close());

describe('completions.create', () => {
  it('answers plain, with n and with several prompts, under the published name', async () => {
    const answer = await relay.client.completions.create({ model: 'raw-chat', prompt: ['one', 'two'], n: 2 });
    expect(faultsOf('CreateCompletionResponse', answer)).toEqual([]);
    expect([answer.model, answer.choices.map(({ index }) => index)]).toEqual(['raw-chat', [0, 1, 2, 3]]);
  });

  it('streams all choices whole, under the published name, and ends with [DONE]', async () => {
    const stream = await relay.client.completions.create({ model: 'raw-chat', prompt: ['one', 'two'], n: 2, stream: true });
    const texts = ['', '', '', ''];
    for await (const chunk of stream) {
      expect(chunk.model).toBe('raw-chat');
      for (const choice of chunk.choices) texts[choice.index] += choice.text;
    }
    const plain = await relay.client.completions.create({ model: 'raw-chat', prompt: ['one', 'two'], n: 2 });
    expect(texts).toEqual(plain.choices.map(({ text }) => text));
    const raw = await post({
      url: `${relay.platform.app.baseUrl}/completions`,
      secret: relay.key.secret,
      body: { model: 'raw-chat', prompt: 'x', stream: true },
    });
    expect((await raw.text()).endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('puts the instructions of the agent before each prompt, and refuses tokens there', async () => {
    const answer = await relay.client.completions.create({ model: 'assistant', prompt: ['[[show-request]]', 'b'] });
    expect(JSON.parse(answer.choices[0]?.text ?? '').prompt).toEqual([
      `${instructions}\n\n[[show-request]]`,
      `${instructions}\n\nb`,
    ]);
    await expect(relay.client.completions.create({ model: 'assistant', prompt: [1, 2] })).rejects.toMatchObject({
      status: 400,
      param: 'prompt',
    });
    expect((await relay.client.completions.create({ model: 'raw-chat', prompt: [1, 2] })).choices).toHaveLength(1);
  });
});

describe('embeddings.create', () => {
  it.each([
    ['a string', 'a b', 1],
    ['strings', ['a', 'b', 'c'], 3],
    ['token ids', [1, 2, 3], 1],
    ['lists of token ids', [[1, 2], [3]], 2],
  ])('takes %s', async (_what, input, count) => {
    const answer = await relay.client.embeddings.create({ model: 'assistant', input, encoding_format: 'float' });
    expect([faultsOf('CreateEmbeddingResponse', answer), answer.model, answer.data.length]).toEqual([[], 'assistant', count]);
  });

  it('gives as many dimensions as are asked', async () => {
    const answer = await relay.client.embeddings.create({ model: 'assistant', input: 'x', dimensions: 17 });
    expect(answer.data[0]?.embedding).toHaveLength(17);
  });

  it.each(['', ' [[wrong-encoding]]'])('gives the encoding that was asked whatever the provider answers%s', async (command) => {
    const input = [`one${command}`, `two words${command}`];
    const of = async (encoding_format: 'float' | 'base64' | undefined) => {
      const reply = await post({
        url: `${relay.platform.app.baseUrl}/embeddings`,
        secret: relay.key.secret,
        body: { model: 'assistant', input, encoding_format },
      });
      return ((await reply.json()) as { data: { embedding: unknown }[] }).data.map(({ embedding }) => embedding);
    };
    const [floats, usual, texts] = [await of('float'), await of(undefined), await of('base64')];
    const decoded = texts.map((text) => {
      const bytes = Buffer.from(text as string, 'base64');
      return Array.from({ length: bytes.length / 4 }, (_unused, at) => bytes.readFloatLE(at * 4));
    });
    expect(decoded).toEqual((floats as number[][]).map((vector) => vector.map(Math.fround)));
    expect(usual).toEqual(floats);
  });

  it('refuses an unknown encoding and a missing input in its own words', async () => {
    const of = (body: object) =>
      refusalOf(post({ url: `${relay.platform.app.baseUrl}/embeddings`, secret: relay.key.secret, body }));
    expect(await of({ model: 'assistant', input: 'x', encoding_format: 'hex' })).toEqual([
      400,
      'invalid_value',
      'encoding_format',
    ]);
    expect(await of({ model: 'assistant' })).toEqual([400, 'missing_required_parameter', 'input']);
  });
});
