import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatCompletionTool } from 'openai/resources/chat/completions';
import { faultsOf } from '../support/openai-schema.js';
import { startRelay, type Relay } from '../support/relay-fixture.js';
import { user } from '../support/relay.js';

const weather: ChatCompletionTool = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};

let relay: Relay;
beforeAll(async () => void (relay = await startRelay()));
afterAll(() => relay.platform.close());

describe('what a chat may hold', () => {
  it('tools: the calls come back plain and streamed, and the result of a tool is taken', async () => {
    const plain = await relay.client.chat.completions.create({
      model: 'assistant',
      tools: [weather],
      messages: [user('[[tool:weather]]')],
    });
    expect(faultsOf('CreateChatCompletionResponse', plain)).toEqual([]);
    const call = plain.choices[0]?.message.tool_calls?.[0];
    expect([plain.choices[0]?.finish_reason, call?.type === 'function' && call.function.name]).toEqual(['tool_calls', 'weather']);

    const streamed = await relay.client.chat.completions
      .stream({ model: 'assistant', tools: [weather], messages: [user('[[tool:weather]]')] })
      .finalChatCompletion();
    const again = streamed.choices[0]?.message.tool_calls?.[0];
    expect(again?.type === 'function' && JSON.parse(again.function.arguments)).toHaveProperty('city');

    const told = await relay.client.chat.completions.create({
      model: 'assistant',
      tools: [weather],
      messages: [
        user('[[tool:weather]]'),
        plain.choices[0]?.message ?? user(''),
        { role: 'tool', tool_call_id: call?.id ?? '', content: 'sunny' },
      ],
    });
    expect(told.choices[0]?.message.content).toBe('Tool said: sunny');
  });

  it('response_format: an answer that fits the schema', async () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false };
    const answer = await relay.client.chat.completions.create({
      model: 'assistant',
      response_format: { type: 'json_schema', json_schema: { name: 'reply', schema, strict: true } },
      messages: [user('hello')],
    });
    expect(typeof JSON.parse(answer.choices[0]?.message.content ?? '').ok).toBe('boolean');
  });

  it('n and logprobs, plain and streamed', async () => {
    const asked = { model: 'assistant', n: 3, logprobs: true, top_logprobs: 2, messages: [user('one two')] };
    const plain = await relay.client.chat.completions.create(asked);
    expect(faultsOf('CreateChatCompletionResponse', plain)).toEqual([]);
    expect(plain.choices.map((choice) => [choice.index, choice.logprobs?.content?.[0]?.top_logprobs.length])).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
    ]);
    const streamed = await relay.client.chat.completions.stream(asked).finalChatCompletion();
    expect(streamed.choices.map((choice) => choice.message.content)).toEqual(
      plain.choices.map((choice) => choice.message.content),
    );
    expect(streamed.choices[2]?.logprobs?.content?.length).toBe(plain.choices[2]?.logprobs?.content?.length);
  });

  it('images within the content, as they are', async () => {
    const url = `data:image/png;base64,${'iVBORw0KGgo'.repeat(20_000)}`;
    const body = await relay.sent({
      model: 'assistant',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: '[[show-request]]' },
            { type: 'image_url', image_url: { url, detail: 'low' } },
          ],
        },
      ],
    });
    expect((body['messages'] as unknown[])[1]).toEqual({
      role: 'user',
      content: [
        { type: 'text', text: '[[show-request]]' },
        { type: 'image_url', image_url: { url, detail: 'low' } },
      ],
    });
  });

  it('fields that nobody here knows, untouched to the byte', async () => {
    const fields =
      '"top_k":40,"chat_template_kwargs":{"enable_thinking":false,"a":[1e0,-0.0,12345678901234567890]},"metadata":{"ключ":"\\ud83d\\ude00 ü"},"store":false,"user":"u 1"';
    const reply = await relay.chat(`{"model":"raw-chat",${fields},"messages":[{"role":"user","content":"[[show-request]]"}]}`);
    const answer = (await reply.json()) as { choices: { message: { content: string } }[] };
    expect(answer.choices[0]?.message.content).toBe(
      `{"model":"sandbox-chat",${fields},"messages":[{"role":"user","content":"[[show-request]]"}]}`,
    );
  });

  it.each(['max_tokens', 'max_completion_tokens'])('%s', async (name) => {
    const answer = await relay.client.chat.completions.create({
      model: 'assistant',
      [name]: 2,
      messages: [user('one two three four')],
    });
    expect([answer.choices[0]?.finish_reason, answer.usage?.completion_tokens]).toEqual(['length', 2]);
  });

  it('is answered in the form of OpenAI, under the published name, plain and in every chunk', async () => {
    const plain = await relay.client.chat.completions.create({ model: 'vendor/folder/model.v1', messages: [user('hi')] });
    expect([faultsOf('CreateChatCompletionResponse', plain), plain.model]).toEqual([[], 'vendor/folder/model.v1']);
    const stream = await relay.client.chat.completions.create({
      model: 'vendor/folder/model.v1',
      stream: true,
      stream_options: { include_usage: true },
      messages: [user('hi "model":"x" [[multibyte]]')],
    });
    const models = new Set<string>();
    for await (const chunk of stream) {
      expect(faultsOf('CreateChatCompletionStreamResponse', chunk)).toEqual([]);
      models.add(chunk.model);
    }
    expect([...models]).toEqual(['vendor/folder/model.v1']);
  });

  it('a model list in the form of OpenAI', async () => {
    const page = await relay.client.models.list();
    expect(faultsOf('ListModelsResponse', { object: page.object, data: page.data })).toEqual([]);
    expect(page.data.map(({ id }) => id)).toContain('vendor/folder/model.v1');
  });
});
