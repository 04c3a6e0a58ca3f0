import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startSandbox, type Sandbox } from '../server.js';

let sandbox: Sandbox;
let client: OpenAI;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1' });
  client = new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: 'sk-test', maxRetries: 0 });
});
afterAll(() => sandbox.close());

type Body = OpenAI.Responses.ResponseCreateParamsNonStreaming;

const ask = (input: Body['input'], body: Body = {}) => client.responses.create({ model: 'm', input, ...body });
const post = (path: string, body: unknown) =>
  fetch(`${sandbox.url}/v1${path}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
const chat = (content: string, body: object = {}) =>
  client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content }], ...body });

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const weather = { type: 'function', name: 'weather', parameters, strict: true } as const;
const clock = { ...weather, name: 'clock' };

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

  it.each(['hello [[cached:40]]', 'a [[reasoning:7]] b', '[[multibyte]] x', '[[chunks:9]] x'])(
    'says and counts what chat says and counts: %s',
    async (prompt) => {
      const [response, completion] = [await ask(prompt), await chat(prompt)];
      expect(response.output_text).toBe(completion.choices[0]?.message.content);
      expect(response.usage).toMatchObject({
        input_tokens: completion.usage?.prompt_tokens,
        input_tokens_details: { cached_tokens: completion.usage?.prompt_tokens_details?.cached_tokens },
        output_tokens: completion.usage?.completion_tokens,
        output_tokens_details: { reasoning_tokens: completion.usage?.completion_tokens_details?.reasoning_tokens },
        total_tokens: completion.usage?.total_tokens,
      });
    },
  );

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

describe('tools of a response', () => {
  const custom = { type: 'custom', name: 'shell' } as const;
  const namespace = { type: 'namespace', name: 'mail', description: 'Mail', tools: [{ type: 'function', name: 'send' }] };

  it.each<[string, Body, object[]]>([
    ['[[tool]]', { tools: [weather] }, [{ type: 'function_call', name: 'weather', arguments: '{"city":"text"}' }]],
    ['[[tool:clock]]', { tools: [weather, clock] }, [{ type: 'function_call', name: 'clock' }]],
    ['[[tools:2]]', { tools: [weather, clock] }, [{ name: 'weather' }, { name: 'clock' }]],
    ['[[tools:2]]', { tools: [weather, clock], parallel_tool_calls: false }, [{ name: 'weather' }]],
    ['hi', { tools: [weather], tool_choice: 'required' }, [{ name: 'weather' }]],
    ['hi', { tools: [weather, clock], tool_choice: { type: 'function', name: 'clock' } }, [{ name: 'clock' }]],
    [
      '[[tool]]',
      { tools: [weather, clock], tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ name: 'clock' }] } },
      [{ name: 'clock' }],
    ],
    [
      '[[tool]]',
      { tools: [{ type: 'web_search' }, custom] },
      [{ type: 'custom_tool_call', name: 'shell', input: 'sandbox input' }],
    ],
    ['[[tool:send]]', { tools: [namespace as never] }, [{ type: 'function_call', name: 'send', namespace: 'mail' }]],
    ['[[tool]]', { tools: [weather], tool_choice: 'none' }, [{ type: 'message' }]],
    ['[[tool]]', { tools: [{ type: 'web_search' }] }, [{ type: 'message' }]],
  ])('%s with %j', async (prompt, body, output) => {
    const response = await ask(prompt, body);
    expect(response.output).toMatchObject(output);
    expect(response.output).toHaveLength(output.length);
    for (const item of response.output) if ('call_id' in item) expect(item.call_id).toMatch(/^call_/);
  });

  it.each(['sunny', [{ type: 'input_text' as const, text: 'sunny' }]])('says what the tool said: %j', async (output) => {
    const answer = await ask(
      [
        { role: 'user', content: '[[tool]] weather?' },
        { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_1', output },
      ],
      { tools: [weather] },
    );
    expect(answer.output_text).toBe('Tool said: sunny');
  });

  it('takes the output of a custom tool', async () => {
    const answer = await ask([
      { role: 'user', content: 'run' },
      { type: 'custom_tool_call', call_id: 'call_1', name: 'shell', input: 'ls' },
      { type: 'custom_tool_call_output', call_id: 'call_1', output: 'files' },
    ]);
    expect(answer.output_text).toBe('Tool said: files');
  });

  it('refuses an output without its call, and a call without its output', async () => {
    await expect(ask([{ type: 'function_call_output', call_id: 'call_1', output: 'x' }])).rejects.toMatchObject({
      status: 400,
      param: 'input',
      message: expect.stringContaining('call_1'),
    });
    await expect(
      ask([
        { role: 'user', content: 'x' },
        { type: 'function_call', call_id: 'call_2', name: 'a', arguments: '{}' },
      ]),
    ).rejects.toMatchObject({ status: 400, message: expect.stringContaining('call_2') });
  });
});

describe('reasoning', () => {
  it('is an item before the message, with a summary', async () => {
    const { output } = await ask('hi [[reasoning:5]]');
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'The sandbox thought for 5 tokens.' }] },
      { type: 'message' },
    ]);
    expect(output[0]).not.toHaveProperty('encrypted_content');
  });

  it('has the same opaque content each time it is included, and takes it back', async () => {
    const body: Body = { include: ['reasoning.encrypted_content'], store: false };
    const [first, second] = [await ask('[[reasoning:5]]', body), await ask('[[reasoning:5]]', body)];
    const secretOf = (response: OpenAI.Responses.Response) =>
      response.output.flatMap((item) => (item.type === 'reasoning' ? (item.encrypted_content ?? []) : []));
    expect(secretOf(first)).toEqual([expect.stringMatching(/^[A-Za-z0-9+/]{60,}=*$/)]);
    expect(secretOf(second)).toEqual(secretOf(first));
    const items = first.output as OpenAI.Responses.ResponseInputItem[];
    expect((await ask([...items, { role: 'user', content: 'go on' }])).output_text).toBe('You said: go on');
  });

  it.each(['Zm9yZWlnbg==', 'not base64 at all', Buffer.alloc(80, 7).toString('base64')])(
    'of another provider is refused: %s',
    async (encrypted_content) => {
      const items: Body['input'] = [
        { type: 'reasoning', id: 'rs_x', summary: [], encrypted_content },
        { role: 'user', content: 'x' },
      ];
      await expect(ask(items)).rejects.toMatchObject({ status: 400, code: 'invalid_encrypted_content' });
    },
  );
});

describe('stored responses', () => {
  it('can be read and deleted', async () => {
    const made = await ask('hi');
    expect(await client.responses.retrieve(made.id)).toMatchObject({ id: made.id, output: made.output, usage: made.usage });
    await client.responses.delete(made.id);
    await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.responses.delete(made.id)).rejects.toMatchObject({ status: 404 });
  });

  it('are continued, without their instructions', async () => {
    const first = await ask('weather? [[tool]]', { tools: [weather], instructions: 'one' });
    const call_id = first.output[0]?.type === 'function_call' ? first.output[0].call_id : '';
    const second = await ask([{ type: 'function_call_output', call_id, output: 'rain' }], { previous_response_id: first.id });
    expect(second).toMatchObject({ output_text: 'Tool said: rain', previous_response_id: first.id });
    const third = await ask('[[show-system]]', { previous_response_id: second.id, instructions: 'two', tool_choice: 'none' });
    expect(JSON.parse(third.output_text)).toEqual([{ role: 'system', content: 'two' }]);
    expect(third.usage?.input_tokens).toBeGreaterThan(second.usage?.input_tokens ?? 0);
  });

  it('give their items to references', async () => {
    const { output } = await ask('hi');
    const reference = { type: 'item_reference', id: output[0]?.id ?? '' } as const;
    expect((await ask([reference, { role: 'user', content: 'more' }])).output_text).toBe('You said: more');
    await expect(ask([{ ...reference, id: 'msg_unknown' }])).rejects.toMatchObject({ status: 404, param: 'input' });
  });

  it.each([
    ['unknown', async () => 'resp_unknown'],
    ['not stored', async () => (await ask('hi', { store: false })).id],
    ['broken off', async () => (await ask('a b [[cut:1]]')).id],
  ])('are not continued when they are %s', async (_why, made) => {
    await expect(ask('hi', { previous_response_id: await made() })).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    });
  });
});

describe('input tokens and compaction', () => {
  it('are counted as the response counts them', async () => {
    const counted = await post('/responses/input_tokens', {
      model: 'm',
      input: 'hello there',
      tools: [weather],
      instructions: 'be kind',
    });
    const { usage } = await ask('hello there', { tools: [weather], instructions: 'be kind' });
    expect(await counted.json()).toEqual({ object: 'response.input_tokens', input_tokens: usage?.input_tokens });
    expect((await post('/responses/input_tokens', {})).status).toBe(200);
  });

  const history = [
    { role: 'user', content: 'the word is apple' },
    { role: 'assistant', content: 'noted' },
  ] as const;

  it('keeps the messages of the user and seals the rest, which can go on as input', async () => {
    const answer = await post('/responses/compact', { model: 'm', input: history });
    const compacted = (await answer.json()) as { object: string; output: OpenAI.Responses.ResponseInputItem[]; usage: object };
    expect(compacted).toMatchObject({
      object: 'response.compaction',
      output: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'the word is apple' }] },
        { type: 'compaction', id: expect.stringMatching(/^cmp_/), encrypted_content: expect.any(String) },
      ],
      usage: { input_tokens: expect.any(Number) },
    });
    const shown = await ask([...compacted.output, { role: 'user', content: '[[show-system]] which word?' }]);
    expect(JSON.parse(shown.output_text)).toMatchObject([{ type: 'compaction' }]);
    const foreign = { type: 'compaction', encrypted_content: 'Zm9yZWlnbg==' } as const;
    await expect(ask([foreign, { role: 'user', content: 'x' }])).rejects.toMatchObject({ code: 'invalid_encrypted_content' });
  });

  it('is the whole answer behind a trigger, and the first item above a threshold', async () => {
    const trigger = { type: 'compaction_trigger' } as never;
    expect((await ask([...history, trigger])).output).toMatchObject([{ type: 'compaction' }]);
    await expect(ask([trigger, ...history])).rejects.toMatchObject({ status: 400, param: 'input' });
    const rules = { context_management: [{ type: 'compaction', compact_threshold: 1000 }] };
    const long = await ask('word '.repeat(1000), rules);
    expect(long.output.map((item) => item.type)).toEqual(['compaction', 'message']);
    expect((await ask('word', rules)).output.map((item) => item.type)).toEqual(['message']);
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
