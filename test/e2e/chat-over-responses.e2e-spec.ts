import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { startSandbox } from '../../src/sandbox/server.js';
import { faultsOf } from '../support/openai-schema.js';
import { sandboxToken, startPlatform, type Sandbox, type SeededKey, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai, post } from '../support/relay.js';
import { answerOf, message, providerResponse } from '../support/responses-provider.js';

let platform: TestPlatform;
let small: Sandbox;
let provider: RecordingProvider;
let recorded: SeededKey;
let client: OpenAI;

/** Tenants whose providers speak only Responses: the sandbox, and one that remembers what it was asked. */
beforeAll(async () => {
  platform = await startPlatform();
  small = await startSandbox({ port: 0, host: '127.0.0.1', token: sandboxToken, only: ['responses'] });
  provider = await startRecordingProvider();
  const tenant = await platform.factory.tenant('responses-only', `${small.url}/v1`, { instructions: 'Be kind.' });
  await platform.factory.wire(tenant, 'responses');
  client = openai(platform.app.baseUrl, await platform.factory.key(tenant));
  const recording = await platform.factory.tenant('responses-recorded', provider.url, { instructions: 'Be kind.' });
  await platform.factory.wire(recording, 'responses');
  recorded = await platform.factory.key(recording);
});
afterAll(async () => {
  await platform.close();
  await small.close();
  await provider.close();
});

const sent = () => provider.bodies.at(-1) as unknown as Record<string, unknown>;
const ask = async (body: object) => {
  const reply = await post({
    url: `${platform.app.baseUrl}/chat/completions`,
    secret: recorded.secret,
    body: { model: 'assistant', messages: [{ role: 'user', content: 'Hi' }], ...body },
  });
  const text = await reply.text();
  return { status: reply.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
};
const weather = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};

describe('a chat with a provider that speaks only Responses', () => {
  it('is answered whole and in pieces, with usage where it is asked for', async () => {
    const messages = [{ role: 'user' as const, content: '[[chunks:4]] [[cached:20]] [[cache-write:9]] hello' }];
    const whole = await client.chat.completions.create({ model: 'assistant', messages });
    expect(faultsOf('CreateChatCompletionResponse', JSON.parse(JSON.stringify(whole)))).toEqual([]);
    expect([whole.model, whole.choices[0]?.finish_reason]).toEqual(['assistant', 'stop']);
    expect(whole.usage?.prompt_tokens_details).toEqual({ cached_tokens: 20, cache_write_tokens: 9 });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of await client.chat.completions.create({
      model: 'assistant',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    }))
      chunks.push(chunk);
    expect(chunks.flatMap((chunk) => faultsOf('CreateChatCompletionStreamResponse', JSON.parse(JSON.stringify(chunk))))).toEqual(
      [],
    );
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect([chunks.at(-1)?.choices, chunks.at(-1)?.usage]).toEqual([[], whole.usage]);
  });

  it('calls tools, several at once and in pieces, and takes their results', async () => {
    const tools = [weather, { ...weather, function: { ...weather.function, name: 'time' } }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: '[[tools:2]] both' }];
    const answer = await client.chat.completions.stream({ model: 'assistant', messages, tools }).finalMessage();
    expect(answer.tool_calls?.map((call) => call.type === 'function' && call.function.name)).toEqual(['weather', 'time']);
    for (const call of answer.tool_calls ?? [])
      if (call.type === 'function') expect(JSON.parse(call.function.arguments)).toHaveProperty('city');
    messages.push(answer);
    for (const { id } of answer.tool_calls ?? []) messages.push({ role: 'tool', tool_call_id: id, content: 'sunny' });
    const last = await client.chat.completions.create({ model: 'assistant', messages, tools });
    expect(last.choices[0]?.message.content).toBe('Tool said: sunny; sunny');
  });

  it('follows a schema, and ends at the limit of its tokens', async () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false };
    const formed = await client.chat.completions.create({
      model: 'assistant',
      messages: [{ role: 'user', content: 'hello' }],
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
    });
    expect(JSON.parse(formed.choices[0]?.message.content ?? '')).toHaveProperty('ok');
    const cut = await client.chat.completions.create({
      model: 'assistant',
      messages: [{ role: 'user', content: '[[chunks:60]]' }],
      max_completion_tokens: 16,
    });
    expect(cut.choices[0]?.finish_reason).toBe('length');
  });

  it('may be refused, or ended by a filter, streamed and whole', async () => {
    for (const [content, expected] of [
      ['[[refuse]]', { finish_reason: 'stop', message: { content: null, refusal: 'I cannot help with that.' } }],
      ['[[filter]] hello', { finish_reason: 'content_filter', message: { content: 'You said: hello', refusal: null } }],
    ] as const) {
      const asked = { model: 'assistant', messages: [{ role: 'user' as const, content }] };
      const whole = await client.chat.completions.create(asked);
      expect(whole.choices[0]).toMatchObject(expected);
      expect(faultsOf('CreateChatCompletionResponse', JSON.parse(JSON.stringify(whole)))).toEqual([]);
      const told = { content: '', refusal: '', finish: '' };
      for await (const { choices } of await client.chat.completions.create({ ...asked, stream: true })) {
        told.content += choices[0]?.delta.content ?? '';
        told.refusal += choices[0]?.delta.refusal ?? '';
        told.finish += choices[0]?.finish_reason ?? '';
      }
      const { content: text, refusal } = expected.message;
      expect(told).toEqual({ content: text ?? '', refusal: refusal ?? '', finish: expected.finish_reason });
    }
  });

  it('that breaks off is an error, and never looks whole', async () => {
    const read = async (): Promise<void> => {
      const stream = await client.chat.completions.create({
        model: 'assistant',
        messages: [{ role: 'user', content: '[[chunks:6]] [[cut:2]]' }],
        stream: true,
      });
      for await (const { choices } of stream) expect(choices[0]?.finish_reason).toBeNull();
    };
    await expect(read()).rejects.toMatchObject({ code: 'upstream_error' });
  });

  it('is a turn of a conversation like any other', async () => {
    const { id } = await client.conversations.create();
    const headers = { 'X-GT-Conversation-Id': id };
    const turn = (content: string) =>
      client.chat.completions.create({ model: 'assistant', messages: [{ role: 'user', content }] }, { headers });
    await turn('one');
    await client.responses.create({ model: 'assistant', input: 'two', conversation: id });
    const items = await client.conversations.items.list(id, { order: 'asc' });
    expect(items.data.map((item) => 'role' in item && item.role)).toEqual(['user', 'assistant', 'user', 'assistant']);
  });
});

describe('what a provider that speaks only Responses is asked', () => {
  it('is the chat in the words of Responses', async () => {
    provider.answerWith(answerOf(message('Hello there.')));
    await ask({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
          ],
        },
        {
          role: 'assistant',
          content: 'Yes?',
          tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'call_a', content: 'sunny' },
      ],
      tools: [weather],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      reasoning_effort: 'low',
      max_tokens: 50,
      seed: 1,
      stop: null,
      n: 1,
    });
    expect(sent()).toEqual({
      model: 'sandbox-chat',
      store: false,
      input: [
        { type: 'message', role: 'system', content: 'Be kind.' },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'Look' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
          ],
        },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Yes?' }] },
        { type: 'function_call', call_id: 'call_a', name: 'weather', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_a', output: 'sunny' },
      ],
      max_output_tokens: 50,
      reasoning: { effort: 'low' },
      tools: [{ type: 'function', ...weather.function, strict: false }],
      tool_choice: { type: 'function', name: 'weather' },
    });
  });

  it.each([
    [{ n: 2 }, 'n'],
    [{ stop: ['x'] }, 'stop'],
    [{ logit_bias: { 1: 1 } }, 'logit_bias'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
  ])('%j, which it cannot say, is 400', async (body, param) => {
    const refused = await ask(body);
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([400, 'unsupported_parameter', param]);
  });

  it('is an answer of 16 tokens where a chat asks for fewer, which Responses refuses', async () => {
    const whole = providerResponse([message('Yes, and')], {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
    const error = {
      message: "Invalid 'max_output_tokens': integer below minimum value.",
      code: 'integer_below_min_value',
      param: 'max_output_tokens',
      type: 'invalid_request_error',
    };
    provider.answerWith((body, response) => {
      const isTooShort = Number(body['max_output_tokens']) < 16;
      response.writeHead(isTooShort ? 400 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isTooShort ? { error } : whole));
    });
    for (const length of [{ max_tokens: 1 }, { max_completion_tokens: 15 }]) {
      const answer = await ask(length);
      expect([answer.status, sent()['max_output_tokens'], answer.body.choices[0].finish_reason]).toEqual([200, 16, 'length']);
    }
    expect((await ask({ max_tokens: 0 })).status).toBe(400);
    expect(sent()['max_output_tokens']).toBe(0);
  });

  it('and answers in one piece where a stream was asked for is read as if it had streamed', async () => {
    const told = providerResponse([message('Hello there.')]);
    provider.answerWith((_body, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(told)));
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const stream = openai(platform.app.baseUrl, recorded).chat.completions.stream({ model: 'assistant', messages });
    expect(await stream.finalContent()).toBe('Hello there.');
  });

  it('and tells as an error is 502', async () => {
    const told = providerResponse([], { status: 'failed', error: { code: 'server_error', message: 'at host.internal' } });
    provider.answerWith((_body, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(told)));
    const failed = await ask({});
    expect([failed.status, failed.text.includes('host.internal')]).toEqual([502, false]);
  });
});

describe('a chat in the deprecated form, over Responses', () => {
  const functions = [{ name: 'weather', parameters: weather.function.parameters }];
  const messages = [{ role: 'user' as const, content: '[[tool]] please' }];

  it('gets a function_call, streamed and whole', async () => {
    const whole = await client.chat.completions.create({ model: 'assistant', messages, functions });
    const [choice] = whole.choices;
    expect([choice?.finish_reason, choice?.message.tool_calls, choice?.message.function_call?.name]).toEqual([
      'function_call',
      undefined,
      'weather',
    ]);
    let given = '';
    const reasons: unknown[] = [];
    for await (const chunk of await client.chat.completions.create({ model: 'assistant', messages, functions, stream: true })) {
      expect(chunk.choices[0]?.delta.tool_calls).toBeUndefined();
      given += chunk.choices[0]?.delta.function_call?.arguments ?? '';
      reasons.push(chunk.choices[0]?.finish_reason);
    }
    expect([given, reasons.at(-1)]).toEqual([choice?.message.function_call?.arguments, 'function_call']);
  });
});

describe('what a provider that speaks only Responses refuses', () => {
  it.each(['max_tokens', 'max_completion_tokens'])('names %s as the chat does', async (name) => {
    provider.answerWith((_body, response) => {
      const message = "Invalid 'max_output_tokens': integer below minimum value.";
      const error = { message, type: 'invalid_request_error', param: 'max_output_tokens', code: 'integer_below_min_value' };
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    });
    const { status, body } = await ask({ [name]: 1 });
    expect([status, body.error.param, body.error.message]).toEqual([
      400,
      name,
      `Invalid '${name}': integer below minimum value.`,
    ]);
  });
});
