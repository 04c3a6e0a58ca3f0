import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { client, sandbox, useSandbox } from '../../../test/support/sandbox-client.js';
import type { Usage } from '../usage.js';

useSandbox();

type Body = OpenAI.Responses.ResponseCreateParamsNonStreaming;

const ask = (input: Body['input'], body: Body = {}) => client.responses.create({ model: 'm', input, ...body });

const post = (path: string, body: unknown) =>
  fetch(`${sandbox.url}/v1${path}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

const chat = (content: string, body: object = {}) =>
  client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content }], ...body });

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

const weather = { type: 'function', name: 'weather', parameters, strict: true } as const;

describe('POST /v1/responses', () => {
  it('echoes a text under its own ids, with every member that a response must have', async () => {
    const response = await ask('hello', { instructions: 'be kind', metadata: { a: 'b' }, temperature: 0.5 });
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'm-2026-01-01',
      error: null,
      incomplete_details: null,
      instructions: 'be kind',
      metadata: { a: 'b' },
      temperature: 0.5,
      top_p: 1,
      tools: [],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      store: true,
      output: [
        {
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'You said: hello', annotations: [], logprobs: [] }],
        },
      ],
    });
    expect(response.id).toMatch(/^resp_sandbox/);
    expect(response.output[0]?.id).toMatch(/^msg_sandbox/);
  });

  it.each([
    'hello [[cached:40]]',
    'a [[cached:4]] [[cache-write:50]]',
    'a [[reasoning:7]] b',
    '[[multibyte]] x',
    '[[chunks:9]] x',
  ])('says and counts what chat says and counts: %s', async (prompt) => {
    const [response, completion] = [await ask(prompt), await chat(prompt)];
    expect(response.output_text).toBe(completion.choices[0]?.message.content);
    const details = completion.usage?.prompt_tokens_details as Usage['prompt_tokens_details'] | undefined;
    expect(details?.cached_tokens).toBeDefined();
    expect(response.usage).toMatchObject({
      input_tokens: completion.usage?.prompt_tokens,
      input_tokens_details: { cached_tokens: details?.cached_tokens, cache_write_tokens: details?.cache_write_tokens },
      output_tokens: completion.usage?.completion_tokens,
      output_tokens_details: { reasoning_tokens: completion.usage?.completion_tokens_details?.reasoning_tokens },
      total_tokens: completion.usage?.total_tokens,
    });
  });

  it('takes messages with and without a type, and parts with images and files', async () => {
    const answer = await ask([
      { role: 'developer', content: 'secret' },
      { role: 'user', content: 'first' },
      { type: 'message', role: 'assistant', content: 'yes' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'look' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'auto' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' },
        ],
      },
    ]);
    expect(answer.output_text).toBe('You said: look [1 image]');
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  it('shows instructions and developer messages only on command, in their order', async () => {
    const shown = await ask(
      [
        { role: 'developer', content: 'two' },
        { role: 'user', content: '[[show-system]]' },
      ],
      {
        instructions: 'one',
      },
    );
    expect(JSON.parse(shown.output_text)).toEqual([
      { role: 'system', content: 'one' },
      { role: 'developer', content: 'two' },
    ]);
  });

  it('stops at the token limit as incomplete', async () => {
    const cut = await ask('one two three', { max_output_tokens: 4 });
    expect(cut).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete', content: [{ text: 'You said: one' }] }],
      usage: { output_tokens: 4 },
    });
  });

  it('answers in JSON of the wanted form', async () => {
    const object = await ask('hi', { text: { format: { type: 'json_object' } } });
    expect(JSON.parse(object.output_text)).toEqual({ reply: 'You said: hi' });
    const format = { type: 'json_schema', name: 'city', schema: parameters } as const;
    expect(JSON.parse((await ask('hi', { text: { format } })).output_text)).toEqual({ city: 'text' });
  });

  it('gives log probabilities whose tokens are the text, where they are included', async () => {
    const topTwo = { top_logprobs: 2 };
    const { output } = await ask('hi there', { include: ['message.output_text.logprobs'], ...topTwo });
    const part = output[0]?.type === 'message' ? output[0].content[0] : undefined;
    const logprobs = (part?.type === 'output_text' ? part.logprobs : undefined) ?? [];
    expect(logprobs.map((entry) => entry.token).join('')).toBe('You said: hi there');
    expect(logprobs.every((entry) => entry.top_logprobs.length === 2)).toBe(true);
  });

  it('leaves the usage out on command', async () => {
    expect((await ask('[[no-usage]]')).usage).toBeUndefined();
  });
});

describe('a malformed Responses request is refused in the envelope', () => {
  it.each<[string, unknown, number, string | null]>([
    ['no JSON', '{"model":', 400, null],
    ['no model', { input: 'x' }, 400, null],
    ['no input', { model: 'm' }, 400, 'input'],
    ['input of a wrong type', { model: 'm', input: 1 }, 400, 'input'],
    ['an empty input', { model: 'm', input: [] }, 400, 'input'],
    ['an item that is none', { model: 'm', input: [1] }, 400, 'input[0]'],
    ['an item of an unknown type', { model: 'm', input: [{ type: 'odd' }] }, 400, 'input[0].type'],
    ['an unknown role', { model: 'm', input: [{ role: 'boss', content: 'x' }] }, 400, 'input[0].role'],
    [
      'a part of chat',
      { model: 'm', input: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] },
      400,
      'input[0].content[0].type',
    ],
    [
      'an image without an address',
      { model: 'm', input: [{ role: 'user', content: [{ type: 'input_image' }] }] },
      400,
      'input[0].content[0].image_url',
    ],
    [
      'a call without its id',
      { model: 'm', input: [{ type: 'function_call', name: 'a', arguments: '' }] },
      400,
      'input[0].call_id',
    ],
    ['instructions of a wrong type', { model: 'm', input: 'x', instructions: 1 }, 400, 'instructions'],
    ['an unknown include', { model: 'm', input: 'x', include: ['secrets'] }, 400, 'include[0]'],
    [
      'a tool in the form of chat',
      { model: 'm', input: 'x', tools: [{ type: 'function', function: { name: 'a' } }] },
      400,
      'tools[0].name',
    ],
    ['a choice without tools', { model: 'm', input: 'x', tool_choice: 'required' }, 400, 'tool_choice'],
    [
      'a choice that is not offered',
      { model: 'm', input: 'x', tools: [weather], tool_choice: { type: 'function', name: 'b' } },
      400,
      'tool_choice',
    ],
    [
      'a schema without a name',
      { model: 'm', input: 'x', text: { format: { type: 'json_schema', schema: {} } } },
      400,
      'text.format.name',
    ],
    ['a hot temperature', { model: 'm', input: 'x', temperature: 3 }, 400, 'temperature'],
    ['no tokens', { model: 'm', input: 'x', max_output_tokens: 0 }, 400, 'max_output_tokens'],
    ['a conversation', { model: 'm', input: 'x', conversation: 'conv_1' }, 404, 'conversation'],
    ['a prompt', { model: 'm', input: 'x', prompt: { id: 'pmpt_1' } }, 404, 'prompt'],
  ])('%s', async (_name, body, status, param) => {
    const answer = await post('/responses', body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error', param, message: expect.any(String) } });
  });
});
