import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';

let platform: TestPlatform;
let key: SeededKey;
let client: OpenAI;

beforeAll(async () => {
  platform = await startPlatform({ agent: { instructions: 'Answer shortly.' } });
  key = await platform.factory.key(platform.acme);
  client = new OpenAI({ baseURL: platform.app.baseUrl, apiKey: key.secret, maxRetries: 0 });
});
afterAll(() => platform.close());

describe('chat.completions.create', () => {
  it('answers an OpenAI client through a published alias, under the published name', async () => {
    const answer = await client.chat.completions.create({
      model: 'assistant',
      messages: [{ role: 'user', content: 'hello there' }],
    });
    expect(answer.choices[0]?.message.content).toBe('You said: hello there');
    expect(answer.model).toBe('assistant');
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('streams whole, with the published name in every chunk and no usage chunk that nobody asked for', async () => {
    const stream = await client.chat.completions.create({
      model: 'assistant',
      stream: true,
      messages: [{ role: 'user', content: 'one two three' }],
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('You said: one two three');
    expect(new Set(chunks.map((chunk) => chunk.model))).toEqual(new Set(['assistant']));
    expect(chunks.every((chunk) => chunk.choices.length === 1)).toBe(true);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });

  it("puts the agent's instructions first", async () => {
    const answer = await client.chat.completions.create({
      model: 'default',
      messages: [{ role: 'user', content: '[[show-system]]' }],
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual([{ role: 'system', content: 'Answer shortly.' }]);
  });

  it('gives embeddings in both encodings', async () => {
    const floats = await client.embeddings.create({ model: 'assistant', input: 'a b c', encoding_format: 'float' });
    const decoded = await client.embeddings.create({ model: 'assistant', input: 'a b c' });
    expect(floats.data[0]?.embedding.length).toBe(256);
    expect(decoded.data[0]?.embedding.map((value) => value.toFixed(5))).toEqual(
      floats.data[0]?.embedding.map((value) => value.toFixed(5)),
    );
  });

  it('lists the models that the key may use', async () => {
    const page = await client.models.list();
    expect(page.data.map((model) => model.id)).toEqual(['assistant', 'raw-chat']);
  });
});
