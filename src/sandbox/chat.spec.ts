import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { client, sandbox, useSandbox } from '../../test/support/sandbox-client.js';
import { countTokens } from './tokens.js';

useSandbox();

type Body = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'model' | 'messages'>;

const ask = (content: OpenAI.ChatCompletionUserMessageParam['content'], body: Body = {}) =>
  client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content }], ...body });
const textOf = (completion: OpenAI.ChatCompletion) => completion.choices[0]?.message.content;

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools: OpenAI.ChatCompletionTool[] = ['weather', 'clock'].map((name) => ({
  type: 'function',
  function: { name, parameters },
}));

describe('POST /v1/chat/completions', () => {
  it('echoes the last user message under a dated model name', async () => {
    const completion = await client.chat.completions.create({
      model: 'gpt-any',
      messages: [
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'yes' },
        { role: 'user', content: 'second [[cached:2]] one' },
      ],
    });
    expect(completion).toMatchObject({ object: 'chat.completion', model: 'gpt-any-2026-01-01' });
    expect(completion.id).toMatch(/^chatcmpl-/);
    expect(completion.choices).toHaveLength(1);
    expect(completion.choices[0]).toMatchObject({
      message: { role: 'assistant', content: 'You said: second one', refusal: null },
      finish_reason: 'stop',
    });
  });

  it('joins text parts and counts images', async () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } } as const;
    expect(textOf(await ask([{ type: 'text', text: 'look' }, image]))).toBe('You said: look [1 image]');
    expect(textOf(await ask([image, image]))).toBe('You said:  [2 images]');
  });

  it('never says what system and developer messages hold, except on command and then in their order', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'system', content: 'secret one' },
      { role: 'developer', content: 'secret two' },
    ];
    const plain = await client.chat.completions.create({ model: 'm', messages: [...messages, { role: 'user', content: 'hi' }] });
    expect(JSON.stringify(plain)).not.toContain('secret');
    const alone = await client.chat.completions.create({ model: 'm', messages });
    expect(JSON.stringify(alone)).not.toContain('secret');
    const shown = await client.chat.completions.create({
      model: 'm',
      messages: [...messages, { role: 'user', content: '[[show-system]]' }],
    });
    expect(JSON.parse(textOf(shown) ?? '')).toEqual(messages);
  });

  it('shows the request byte for byte and the headers on command', async () => {
    const body = '{ "model": "m",\n "messages": [{"role":"user","content":"[[show-request]]"}], "odd": 1.50 }';
    const answer = await fetch(`${sandbox.url}/v1/chat/completions`, { method: 'POST', body });
    expect(textOf((await answer.json()) as OpenAI.ChatCompletion)).toBe(body);
    expect(JSON.parse(textOf(await ask('[[show-headers]]')) ?? '')).toMatchObject({
      authorization: 'Bearer sk-test',
      'content-type': 'application/json',
    });
  });

  it('counts the tokens of every choice, and takes cached and reasoning tokens from the prompt', async () => {
    const { usage, choices } = await ask('hello there', { n: 3 });
    expect(choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
    expect(usage).toMatchObject({ prompt_tokens: 3 + 4 + 2, completion_tokens: 3 * countTokens('You said: hello there') });
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    const told = await ask('hello [[reasoning:100]] [[cached:500]] [[cache-write:40]]');
    expect(told.usage?.completion_tokens_details?.reasoning_tokens).toBe(100);
    expect(told.usage?.completion_tokens).toBe(100 + countTokens('You said: hello'));
    expect(told.usage?.prompt_tokens_details).toMatchObject({ cached_tokens: 500, cache_write_tokens: 40 });
    expect(told.usage?.prompt_tokens).toBeGreaterThanOrEqual(540);
    expect((await ask('[[no-usage]]')).usage).toBeUndefined();
  });

  it('obeys stop sequences and both names of the token limit', async () => {
    const stopped = await ask('one two three', { stop: ['three', 'two'] });
    expect(stopped.choices[0]).toMatchObject({ message: { content: 'You said: one ' }, finish_reason: 'stop' });
    for (const limit of [{ max_tokens: 4 }, { max_completion_tokens: 4 }]) {
      const cut = await ask('one two three', limit);
      expect(cut.choices[0]).toMatchObject({ message: { content: 'You said: one' }, finish_reason: 'length' });
      expect(cut.usage?.completion_tokens).toBe(4);
    }
  });

  it('gives log probabilities whose tokens are the text', async () => {
    const { choices } = await ask('hi there', { logprobs: true, top_logprobs: 2 });
    const content = choices[0]?.logprobs?.content ?? [];
    expect(content.map((entry) => entry.token).join('')).toBe('You said: hi there');
    expect(content.every((entry) => entry.top_logprobs.length === 2 && entry.logprob < 0)).toBe(true);
  });

  it('answers in JSON of the wanted form', async () => {
    expect(JSON.parse(textOf(await ask('hi', { response_format: { type: 'json_object' } })) ?? '')).toEqual({
      reply: 'You said: hi',
    });
    const format = { type: 'json_schema', json_schema: { name: 'city', schema: parameters } } as const;
    expect(JSON.parse(textOf(await ask('hi', { response_format: format })) ?? '')).toEqual({ city: 'text' });
  });

  it.each<[string, Body, string[]]>([
    ['[[tool]]', { tools }, ['weather']],
    ['[[tool:clock]]', { tools }, ['clock']],
    ['[[tool]] [[tools:2]]', { tools }, ['weather', 'clock']],
    ['[[tool]] [[tools:2]]', { tools, parallel_tool_calls: false }, ['weather']],
    ['please', { tools, tool_choice: 'required' }, ['weather']],
    ['please', { tools, tool_choice: { type: 'function', function: { name: 'clock' } } }, ['clock']],
    ['[[tool]]', { tools, tool_choice: 'none' }, []],
    ['please', { tools }, []],
    ['[[tool]]', {}, []],
  ])('calls tools as asked: %s %j', async (content, body, names) => {
    const choice = (await ask(content, body)).choices[0];
    const calls = (choice?.message.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [call] : []));
    expect(calls.map((call) => call.function.name)).toEqual(names);
    expect(calls.every((call) => call.id.startsWith('call_') && call.function.arguments === '{"city":"text"}')).toBe(true);
    expect(choice?.finish_reason).toBe(names.length > 0 ? 'tool_calls' : 'stop');
    if (names.length > 0) expect(choice?.message.content).toBeNull();
  });

  it('says what the tool said, and does not call it again', async () => {
    const answer = await client.chat.completions.create({
      model: 'm',
      tools,
      messages: [
        { role: 'user', content: '[[tool]] weather?' },
        { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
      ],
    });
    expect(answer.choices[0]).toMatchObject({ message: { content: 'Tool said: sunny' }, finish_reason: 'stop' });
  });
});

const user = { role: 'user', content: 'x' };

describe('a malformed chat request is refused with 400 that names the field', () => {
  it.each<[string, unknown, string | null]>([
    ['no JSON', '{"model":', null],
    ['no object', '[1]', null],
    ['no model', { messages: [user] }, null],
    ['model of a wrong type', { model: 1, messages: [user] }, 'model'],
    ['no messages', { model: 'm' }, 'messages'],
    ['messages of a wrong type', { model: 'm', messages: 'x' }, 'messages'],
    ['empty messages', { model: 'm', messages: [] }, 'messages'],
    ['a message that is none', { model: 'm', messages: [1] }, 'messages[0]'],
    ['an unknown role', { model: 'm', messages: [{ role: 'boss', content: 'x' }] }, 'messages[0].role'],
    ['content of a wrong type', { model: 'm', messages: [{ role: 'user', content: 1 }] }, 'messages[0].content'],
    ['an unknown part', { model: 'm', messages: [{ role: 'user', content: [{ type: 'x' }] }] }, 'messages[0].content[0].type'],
    ['a tool message without its call', { model: 'm', messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    ['n of 0', { model: 'm', messages: [user], n: 0 }, 'n'],
    ['a hot temperature', { model: 'm', messages: [user], temperature: 3 }, 'temperature'],
    ['stream as text', { model: 'm', messages: [user], stream: 'yes' }, 'stream'],
    ['stream_options without stream', { model: 'm', messages: [user], stream_options: {} }, 'stream_options'],
    ['an unknown format', { model: 'm', messages: [user], response_format: { type: 'xml' } }, 'response_format.type'],
    [
      'a tool without a name',
      { model: 'm', messages: [user], tools: [{ type: 'function', function: {} }] },
      'tools[0].function.name',
    ],
    ['a choice without tools', { model: 'm', messages: [user], tool_choice: 'required' }, 'tool_choice'],
    ['top_logprobs alone', { model: 'm', messages: [user], top_logprobs: 2 }, 'top_logprobs'],
  ])('%s', async (_name, body, param) => {
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(`${sandbox.url}/v1/chat/completions`, { method: 'POST', body: sent });
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ type: 'invalid_request_error', param, message: expect.any(String) });
    expect(error).toHaveProperty('code');
  });
});
