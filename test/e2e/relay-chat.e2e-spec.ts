import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { ChatCompletionCreateParams, ChatCompletionTool } from 'openai/resources/chat/completions';
import { startSandbox } from '../../src/sandbox/server.js';
import { newId } from '../../src/kernel/ids.js';
import { faultsOf } from '../support/openai-schema.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { chunkEvent, openStream, publishOn, startScriptedProvider } from '../support/scripted-provider.js';
import { openai, post, statsOf, user } from '../support/relay.js';

const instructions = 'Answer shortly.';
const weather: ChatCompletionTool = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};

let platform: TestPlatform;
let key: SeededKey;
let client: OpenAI;

beforeAll(async () => {
  platform = await startPlatform({ agent: { instructions } });
  const { acme, factory } = platform;
  key = await factory.key(acme);
  await factory.alias(acme, 'developer-role', { instructions, instructions_role: 'developer' });
  await factory.alias(acme, 'tuned', { parameters: { temperature: 0.1, seed: 7, max_tokens: 5000 }, pinned: ['seed', 'top_p'] });
  await factory.alias(acme, 'twice', { parameters: { n: 2 } });
  await factory.alias(acme, 'chat-only', { models: { chat: { connection: acme.connectionId, model: 'sandbox-chat' } } });
  await factory.rawModel(acme, 'vendor/folder/model.v1', 'sandbox-chat', ['chat']);
  client = openai(platform.app.baseUrl, key);
});
afterAll(() => platform.close());

type Params = Omit<ChatCompletionCreateParams, 'messages' | 'stream'> & { readonly [unknown: string]: unknown };

/** The body that reached the provider, told by the provider itself. */
async function sent(params: Params, through: OpenAI = client): Promise<Record<string, unknown>> {
  const answer = await through.chat.completions.create({ messages: [user('[[show-request]]')], ...params });
  return JSON.parse(answer.choices[0]?.message.content ?? '') as Record<string, unknown>;
}

function chat(body: object | string, headers: Record<string, string> = {}, secret = key.secret): Promise<Response> {
  return post({ url: `${platform.app.baseUrl}/chat/completions`, secret, body, headers });
}

async function refusalOf(reply: Promise<Response>): Promise<[number, string | null, string | null]> {
  const response = await reply;
  const body = (await response.json()) as { error: { code: string | null; param: string | null } };
  expect(faultsOf('ErrorResponse', body)).toEqual([]);
  return [response.status, body.error.code, body.error.param];
}

describe('what a chat may hold', () => {
  it('tools: the calls come back plain and streamed, and the result of a tool is taken', async () => {
    const plain = await client.chat.completions.create({ model: 'assistant', tools: [weather], messages: [user('[[tool:weather]]')] });
    expect(faultsOf('CreateChatCompletionResponse', plain)).toEqual([]);
    const call = plain.choices[0]?.message.tool_calls?.[0];
    expect([plain.choices[0]?.finish_reason, call?.type === 'function' && call.function.name]).toEqual(['tool_calls', 'weather']);

    const streamed = await client.chat.completions
      .stream({ model: 'assistant', tools: [weather], messages: [user('[[tool:weather]]')] })
      .finalChatCompletion();
    const again = streamed.choices[0]?.message.tool_calls?.[0];
    expect(again?.type === 'function' && JSON.parse(again.function.arguments)).toHaveProperty('city');

    const told = await client.chat.completions.create({
      model: 'assistant',
      tools: [weather],
      messages: [user('[[tool:weather]]'), plain.choices[0]?.message ?? user(''), { role: 'tool', tool_call_id: call?.id ?? '', content: 'sunny' }],
    });
    expect(told.choices[0]?.message.content).toBe('Tool said: sunny');
  });

  it('response_format: an answer that fits the schema', async () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false };
    const answer = await client.chat.completions.create({
      model: 'assistant',
      response_format: { type: 'json_schema', json_schema: { name: 'reply', schema, strict: true } },
      messages: [user('hello')],
    });
    expect(typeof JSON.parse(answer.choices[0]?.message.content ?? '').ok).toBe('boolean');
  });

  it('n and logprobs, plain and streamed', async () => {
    const asked = { model: 'assistant', n: 3, logprobs: true, top_logprobs: 2, messages: [user('one two')] };
    const plain = await client.chat.completions.create(asked);
    expect(faultsOf('CreateChatCompletionResponse', plain)).toEqual([]);
    expect(plain.choices.map((choice) => [choice.index, choice.logprobs?.content?.[0]?.top_logprobs.length])).toEqual([[0, 2], [1, 2], [2, 2]]);
    const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
    expect(streamed.choices.map((choice) => choice.message.content)).toEqual(plain.choices.map((choice) => choice.message.content));
    expect(streamed.choices[2]?.logprobs?.content?.length).toBe(plain.choices[2]?.logprobs?.content?.length);
  });

  it('images within the content, as they are', async () => {
    const url = `data:image/png;base64,${'iVBORw0KGgo'.repeat(20_000)}`;
    const body = await sent({
      model: 'assistant',
      messages: [{ role: 'user', content: [{ type: 'text', text: '[[show-request]]' }, { type: 'image_url', image_url: { url, detail: 'low' } }] }],
    });
    expect((body['messages'] as unknown[])[1]).toEqual({
      role: 'user',
      content: [{ type: 'text', text: '[[show-request]]' }, { type: 'image_url', image_url: { url, detail: 'low' } }],
    });
  });

  it('fields that nobody here knows, untouched to the byte', async () => {
    const fields = '"top_k":40,"chat_template_kwargs":{"enable_thinking":false,"a":[1e0,-0.0,12345678901234567890]},"metadata":{"ключ":"\\ud83d\\ude00 ü"},"store":true,"user":"u 1"';
    const reply = await chat(`{"model":"raw-chat",${fields},"messages":[{"role":"user","content":"[[show-request]]"}]}`);
    const answer = (await reply.json()) as { choices: { message: { content: string } }[] };
    expect(answer.choices[0]?.message.content).toBe(`{"model":"sandbox-chat",${fields},"messages":[{"role":"user","content":"[[show-request]]"}]}`);
  });

  it.each(['max_tokens', 'max_completion_tokens'])('%s', async (name) => {
    const answer = await client.chat.completions.create({ model: 'assistant', [name]: 2, messages: [user('one two three four')] });
    expect([answer.choices[0]?.finish_reason, answer.usage?.completion_tokens]).toEqual(['length', 2]);
  });

  it('is answered in the form of OpenAI, under the published name, plain and in every chunk', async () => {
    const plain = await client.chat.completions.create({ model: 'vendor/folder/model.v1', messages: [user('hi')] });
    expect([faultsOf('CreateChatCompletionResponse', plain), plain.model]).toEqual([[], 'vendor/folder/model.v1']);
    const stream = await client.chat.completions.create({
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
    const page = await client.models.list();
    expect(faultsOf('ListModelsResponse', { object: page.object, data: page.data })).toEqual([]);
    expect(page.data.map(({ id }) => id)).toContain('vendor/folder/model.v1');
  });
});

describe('an agent', () => {
  it.each([
    ['assistant', 'system'],
    ['developer-role', 'developer'],
  ])('%s puts its instructions before all messages, in the role %s', async (model, role) => {
    const body = await sent({ model, messages: [{ role: 'system', content: 'Be rude.' }, user('[[show-request]]')] });
    expect(body['messages']).toEqual([{ role, content: instructions }, { role: 'system', content: 'Be rude.' }, user('[[show-request]]')]);
  });

  it('gives defaults that a request overrides', async () => {
    expect(await sent({ model: 'tuned' })).toMatchObject({ temperature: 0.1, max_tokens: 5000 });
    expect(await sent({ model: 'tuned', temperature: 0.9, max_tokens: 4000 })).toMatchObject({ temperature: 0.9, max_tokens: 4000 });
  });

  it('does not say max_tokens beside the max_completion_tokens of the request', async () => {
    const body = await sent({ model: 'tuned', max_completion_tokens: 3000 });
    expect([body['max_completion_tokens'], 'max_tokens' in body]).toEqual([3000, false]);
  });

  it('pins: its value wins, and a pinned name without a value takes the value of the request out', async () => {
    const body = await sent({ model: 'tuned', seed: 1, top_p: 0.5 });
    expect([body['seed'], 'top_p' in body]).toEqual([7, false]);
  });

  it('with a default n is asked for so many choices, and a stream without all of them is not whole', async () => {
    const whole = await client.chat.completions.stream({ model: 'twice', messages: [user('hi')] }).finalChatCompletion();
    expect(whole.choices.map((choice) => choice.message.content)).toEqual(['You said: hi', 'You said: hi']);
    const half = await startScriptedProvider((response) => openStream(response).end(chunkEvent({ content: 'a' }) + chunkEvent({}, 'stop')));
    try {
      const tenant = await publishOn(platform, half.url, 'half');
      await platform.factory.alias(tenant, 'half-of-two', { parameters: { n: 2 } });
      await expect(client.chat.completions.stream({ model: 'half-of-two', messages: [user('hi')] }).finalChatCompletion()).rejects.toThrow(
        'ended before it was complete',
      );
    } finally {
      await half.close();
    }
  });
});

describe("a key's prompt policy", () => {
  const policy = { instructions: 'Never speak of money.' };
  const top = { role: 'system', content: policy.instructions };

  it('stands on top of the instructions of the agent, and before the messages to a raw model', async () => {
    const bound = openai(platform.app.baseUrl, await platform.factory.key(platform.acme, { promptPolicy: policy }));
    expect((await sent({ model: 'assistant' }, bound))['messages']).toEqual([top, { role: 'system', content: instructions }, user('[[show-request]]')]);
    expect((await sent({ model: 'raw-chat' }, bound))['messages']).toEqual([top, user('[[show-request]]')]);
    const legacy = await bound.completions.create({ model: 'assistant', prompt: '[[show-request]]' });
    expect(JSON.parse(legacy.choices[0]?.text ?? '').prompt).toBe(`${policy.instructions}\n\n${instructions}\n\n[[show-request]]`);
  });
});

describe('what does not go to the provider', () => {
  it('control fields', async () => {
    const dropped = ['models', 'route', 'provider', 'fallbacks', 'api_base', 'base_url', 'api_key', 'extra_headers', 'extra_body', 'user_config', 'custom_llm_provider'];
    const body = await sent({ model: 'assistant', ...Object.fromEntries(dropped.map((name) => [name, 'x'])), kept: 1 });
    expect(Object.keys(body).sort()).toEqual(['kept', 'messages', 'model']);
  });

  it("the caller's headers", async () => {
    const caller = { 'x-secret': 'canary', cookie: 'canary', 'OpenAI-Organization': 'canary', 'OpenAI-Project': 'canary', 'OpenAI-Beta': 'canary', 'x-request-id': 'canary', 'x-forwarded-for': '9.9.9.9', 'accept-language': 'canary', 'x-openclaw-message-channel': 'canary' };
    const reply = await chat({ model: 'assistant', messages: [user('[[show-headers]]')] }, caller);
    expect(reply.headers.get('x-request-id')).toBe('canary');
    const answer = (await reply.json()) as { choices: { message: { content: string } }[] };
    const headers = JSON.parse(answer.choices[0]?.message.content ?? '') as Record<string, string>;
    expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type', 'host', 'user-agent', 'x-request-id']);
    expect(JSON.stringify(headers)).not.toMatch(/canary|9\.9\.9\.9|gtak_|stainless/);
    expect(headers['x-request-id']).toBe(reply.headers.get('x-gt-request-id'));
  });

  it('and the headers of the provider do not come back', async () => {
    const reply = await chat({ model: 'assistant', messages: [user('hi')] });
    for (const name of ['openai-organization', 'set-cookie', 'x-ratelimit-limit-requests']) expect(reply.headers.get(name)).toBeNull();
    expect(reply.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it.each([
    ['previous_response_id', { previous_response_id: 'resp_abc' }],
    ['a file id in a message', { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-abc' } }] }] }],
  ])('an object id that is not ours: %s', async (_what, fields) => {
    const before = await statsOf(platform.sandbox);
    expect((await refusalOf(chat({ model: 'assistant', messages: [user('hi')], ...fields }))).slice(0, 2)).toEqual([404, 'not_found']);
    expect((await statsOf(platform.sandbox)).total).toBe(before.total);
  });
});

describe('the model of a request', () => {
  it.each(['assistant', 'default', 'openclaw', 'openclaw/default', 'openclaw/assistant', 'openclaw:assistant', 'agent:assistant'])('may be spelled %s', async (model) => {
    const answer = await client.chat.completions.create({ model, messages: [user('hi')] });
    expect(answer.model).toBe('assistant');
  });

  it('gives way to x-openclaw-agent-id', async () => {
    for (const model of ['assistant', 'no-such', undefined]) {
      const reply = await chat({ model, messages: [user('hi')] }, { 'x-openclaw-agent-id': 'raw-chat' });
      expect([reply.status, ((await reply.json()) as { model: string }).model]).toEqual([200, 'raw-chat']);
    }
  });

  it.each([
    ['a body', { model: 'assistant' }, {}],
    ['a spelling', { model: 'openclaw' }, {}],
    ['the header', { model: 'raw-chat' }, { 'x-openclaw-agent-id': 'assistant' }],
  ])('goes through the allowlist when it stands in %s', async (_where, body, headers) => {
    const narrow = await platform.factory.key(platform.acme, { agents: [] });
    expect(await refusalOf(chat({ ...body, messages: [user('hi')] }, headers, narrow.secret))).toEqual([404, 'model_not_found', 'model']);
  });

  it('that is unknown, or not allowed, or without a scope of the key gets one answer', async () => {
    const narrow = await platform.factory.key(platform.acme, { agents: [], rawModels: [] });
    const answers = await Promise.all(
      [['x1'], ['assistant', narrow.secret]].map(async ([model, secret]) => {
        const reply = await chat({ model, messages: [user('hi')] }, {}, secret);
        return [reply.status, (await reply.text()).replaceAll(model ?? '', 'NAME')];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[1]).toContain('The model `NAME` does not exist or you do not have access to it.');
  });

  it('must be there, as a string', async () => {
    expect(await refusalOf(chat({ messages: [user('hi')] }))).toEqual([400, 'missing_required_parameter', 'model']);
    expect(await refusalOf(chat({ model: null, messages: [user('hi')] }))).toEqual([400, 'missing_required_parameter', 'model']);
    expect(await refusalOf(chat({ model: ['assistant'], messages: [user('hi')] }))).toEqual([400, 'invalid_value', 'model']);
  });

  it('that does not serve the use is unsupported_modality', async () => {
    const reply = post({ url: `${platform.app.baseUrl}/embeddings`, secret: key.secret, body: { model: 'chat-only', input: 'x' } });
    expect(await refusalOf(reply)).toEqual([400, 'unsupported_modality', 'model']);
  });

  it.each([
    ['no messages', {}, 'missing_required_parameter'],
    ['an empty list', { messages: [] }, 'invalid_value'],
    ['a text', { messages: 'hi' }, 'invalid_value'],
  ])('is not enough: %s is refused before the provider', async (_what, body, code) => {
    expect(await refusalOf(chat({ model: 'assistant', ...body }))).toEqual([400, code, 'messages']);
  });
});

describe('naming another backend model', () => {
  const withOverride = ['inference:chat', 'inference:embed', 'inference:override'] as const;

  it('is refused with 403 to a key without inference:override, whatever it names', async () => {
    for (const header of ['X-GT-Model', 'x-openclaw-model']) {
      expect(await refusalOf(chat({ model: 'assistant', messages: [user('hi')] }, { [header]: 'other' }))).toEqual([403, 'insufficient_scope', null]);
    }
  });

  it('reaches the named model on the connection of the agent, under its name', async () => {
    const privileged = await platform.factory.key(platform.acme, { scopes: withOverride });
    for (const header of ['X-GT-Model', 'x-openclaw-model']) {
      const reply = await chat({ model: 'assistant', messages: [user('[[show-request]]')] }, { [header]: 'vendor/other' }, privileged.secret);
      const answer = (await reply.json()) as { model: string; choices: { message: { content: string } }[] };
      const body = JSON.parse(answer.choices[0]?.message.content ?? '') as { model: string; messages: unknown[] };
      expect([answer.model, body.model, body.messages.length]).toEqual(['vendor/other', 'vendor/other', 2]);
    }
  });

  it('reaches another connection of the tenant, and only through a name that the key may use', async () => {
    const other = await startSandbox({ port: 0, host: '127.0.0.1' });
    try {
      const { acme, factory } = platform;
      await factory.run((tx) =>
        tx.connection.create({ data: { tenantId: acme.id, id: newId('connection'), name: 'second', baseUrl: `${other.url}/v1`, authMode: 'none' } }),
      );
      const privileged = await factory.key(acme, { scopes: withOverride, agents: [] });
      const override = { 'x-gt-model': 'second/deep/model' };
      const reply = await chat({ model: 'raw-chat', messages: [user('[[show-request]]')] }, override, privileged.secret);
      const answer = (await reply.json()) as { choices: { message: { content: string } }[] };
      expect(JSON.parse(answer.choices[0]?.message.content ?? '').model).toBe('deep/model');
      expect((await statsOf(other)).total).toBe(1);
      expect(await refusalOf(chat({ model: 'assistant', messages: [user('hi')] }, override, privileged.secret))).toEqual([404, 'model_not_found', 'model']);
    } finally {
      await other.close();
    }
  });
});

describe('completions.create', () => {
  it('answers plain, with n and with several prompts, under the published name', async () => {
    const answer = await client.completions.create({ model: 'raw-chat', prompt: ['one', 'two'], n: 2 });
    expect(faultsOf('CreateCompletionResponse', answer)).toEqual([]);
    expect([answer.model, answer.choices.map(({ index }) => index)]).toEqual(['raw-chat', [0, 1, 2, 3]]);
  });

  it('streams all choices whole, under the published name, and ends with [DONE]', async () => {
    const stream = await client.completions.create({ model: 'raw-chat', prompt: ['one', 'two'], n: 2, stream: true });
    const texts = ['', '', '', ''];
    for await (const chunk of stream) {
      expect(chunk.model).toBe('raw-chat');
      for (const choice of chunk.choices) texts[choice.index] += choice.text;
    }
    const plain = await client.completions.create({ model: 'raw-chat', prompt: ['one', 'two'], n: 2 });
    expect(texts).toEqual(plain.choices.map(({ text }) => text));
    const raw = await post({ url: `${platform.app.baseUrl}/completions`, secret: key.secret, body: { model: 'raw-chat', prompt: 'x', stream: true } });
    expect((await raw.text()).endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('puts the instructions of the agent before each prompt, and refuses tokens there', async () => {
    const answer = await client.completions.create({ model: 'assistant', prompt: ['[[show-request]]', 'b'] });
    expect(JSON.parse(answer.choices[0]?.text ?? '').prompt).toEqual([`${instructions}\n\n[[show-request]]`, `${instructions}\n\nb`]);
    await expect(client.completions.create({ model: 'assistant', prompt: [1, 2] })).rejects.toMatchObject({ status: 400, param: 'prompt' });
    expect((await client.completions.create({ model: 'raw-chat', prompt: [1, 2] })).choices).toHaveLength(1);
  });
});

describe('embeddings.create', () => {
  it.each([
    ['a string', 'a b', 1],
    ['strings', ['a', 'b', 'c'], 3],
    ['token ids', [1, 2, 3], 1],
    ['lists of token ids', [[1, 2], [3]], 2],
  ])('takes %s', async (_what, input, count) => {
    const answer = await client.embeddings.create({ model: 'assistant', input, encoding_format: 'float' });
    expect([faultsOf('CreateEmbeddingResponse', answer), answer.model, answer.data.length]).toEqual([[], 'assistant', count]);
  });

  it('gives as many dimensions as are asked', async () => {
    const answer = await client.embeddings.create({ model: 'assistant', input: 'x', dimensions: 17 });
    expect(answer.data[0]?.embedding).toHaveLength(17);
  });

  it.each(['', ' [[wrong-encoding]]'])('gives the encoding that was asked whatever the provider answers%s', async (command) => {
    const input = [`one${command}`, `two words${command}`];
    const of = async (encoding_format: 'float' | 'base64' | undefined) => {
      const reply = await post({ url: `${platform.app.baseUrl}/embeddings`, secret: key.secret, body: { model: 'assistant', input, encoding_format } });
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
    const of = (body: object) => refusalOf(post({ url: `${platform.app.baseUrl}/embeddings`, secret: key.secret, body }));
    expect(await of({ model: 'assistant', input: 'x', encoding_format: 'hex' })).toEqual([400, 'invalid_value', 'encoding_format']);
    expect(await of({ model: 'assistant' })).toEqual([400, 'missing_required_parameter', 'input']);
  });
});
