import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { faultsOf } from '../support/openai-schema.js';
import { startPlatform, type Sandbox, type SeededKey, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, reply, type RecordingProvider } from '../support/recording-provider.js';
import { openai, post } from '../support/relay.js';

let platform: TestPlatform;
let provider: RecordingProvider;
let key: SeededKey;
let recorded: SeededKey;
let client: OpenAI;

/** Tenants whose providers speak chat alone: the sandbox, and one that remembers what it was asked. */
beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  const sandbox: Sandbox = platform.sandbox;
  const tenant = await platform.factory.tenant('chat-only', `${sandbox.url}/v1`, { instructions: 'Be kind.' });
  await platform.factory.wire(tenant, 'chat');
  key = await platform.factory.key(tenant);
  const recording = await platform.factory.tenant('chat-recorded', provider.url, { instructions: 'Be kind.' });
  await platform.factory.wire(recording, 'chat');
  recorded = await platform.factory.key(recording);
  client = openai(platform.app.baseUrl, key);
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

const sent = () => provider.bodies.at(-1) as unknown as Record<string, unknown>;
const ask = async (body: object) => {
  const answer = await post({
    url: `${platform.app.baseUrl}/responses`,
    secret: recorded.secret,
    body: { model: 'assistant', ...body },
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
};
const weather = {
  type: 'function' as const,
  name: 'weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
};

describe('a response of a provider that speaks chat', () => {
  it('is answered, kept and continued like any other', async () => {
    const first = await client.responses.create({ model: 'assistant', input: 'hello [[cached:4]] [[cache-write:3]]' });
    expect([first.output_text, first.status, first.model]).toEqual(['You said: hello', 'completed', 'assistant']);
    expect(first.usage?.total_tokens).toBeGreaterThan(0);
    expect(first.usage?.input_tokens_details).toEqual({ cached_tokens: 4, cache_write_tokens: 3 });
    expect((await client.responses.retrieve(first.id)).output_text).toBe('You said: hello');
    const second = await client.responses.create({ model: 'assistant', input: 'again', previous_response_id: first.id });
    expect(second.output_text).toBe('You said: again');
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? Infinity);
  });

  it('is streamed so that the client’s own reader puts the same response together', async () => {
    const stream = client.responses.stream({ model: 'assistant', input: '[[chunks:5]] hello' });
    const types: string[] = [];
    let told = '';
    for await (const event of stream) {
      types.push(event.type);
      expect(event.sequence_number).toBe(types.length - 1);
      if (event.type === 'response.output_text.delta') told += event.delta;
    }
    const final = await stream.finalResponse();
    expect(final.output).toMatchObject([
      { type: 'message', status: 'completed', content: [{ type: 'output_text', text: told }] },
    ]);
    expect(types.filter((type) => type === 'response.output_text.delta')).toHaveLength(5);
    expect(types.filter((type) => type !== 'response.output_text.delta')).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  it('calls tools, several at once and in pieces, and takes their results', async () => {
    const stream = client.responses.stream({
      model: 'assistant',
      input: '[[tools:2]] both',
      tools: [weather, { ...weather, name: 'time' }],
    });
    for await (const _event of stream);
    const { output, id } = await stream.finalResponse();
    const calls = output.filter((item) => item.type === 'function_call');
    expect(calls.map(({ name }) => name)).toEqual(['weather', 'time']);
    for (const call of calls) expect(JSON.parse(call.arguments)).toHaveProperty('city');
    const next = await client.responses.create({
      model: 'assistant',
      previous_response_id: id,
      input: calls.map(({ call_id }, at) => ({ type: 'function_call_output' as const, call_id, output: `result ${at}` })),
    });
    expect(next.output_text).toBe('Tool said: result 0; result 1');
  });

  it('cut off by its provider is one response.failed', async () => {
    const types: string[] = [];
    for await (const event of await client.responses.create({
      model: 'assistant',
      input: '[[chunks:6]] [[cut:2]]',
      stream: true,
    }))
      types.push(event.type);
    expect(types.at(-1)).toBe('response.failed');
    expect(types.filter((type) => /completed|failed|incomplete|error/.test(type))).toHaveLength(1);
  });

  it('ends incomplete at the limit of its tokens', async () => {
    const answer = await client.responses.create({ model: 'assistant', input: 'one two three four five', max_output_tokens: 16 });
    expect(['completed', 'incomplete']).toContain(answer.status);
    const cut = await client.responses.create({ model: 'assistant', input: '[[chunks:60]]', max_output_tokens: 16 });
    expect([cut.status, cut.incomplete_details]).toEqual(['incomplete', { reason: 'max_output_tokens' }]);
    expect(cut.output[0]).toMatchObject({ status: 'incomplete' });
  });

  it('may be a refusal, or be ended by a filter, streamed and whole', async () => {
    for (const [input, expected] of [
      ['[[refuse]]', { status: 'completed', output: [{ content: [{ type: 'refusal', refusal: 'I cannot help with that.' }] }] }],
      [
        '[[filter]] hello',
        {
          status: 'incomplete',
          incomplete_details: { reason: 'content_filter' },
          output: [{ status: 'incomplete', content: [{ type: 'output_text', text: 'You said: hello' }] }],
        },
      ],
    ] as const) {
      expect(await client.responses.create({ model: 'assistant', input })).toMatchObject(expected);
      const events: OpenAI.Responses.ResponseStreamEvent[] = [];
      for await (const event of await client.responses.create({ model: 'assistant', input, stream: true })) events.push(event);
      expect(events.at(-1)).toMatchObject({ type: `response.${expected.status}`, response: expected });
      expect(events.some(({ type }) => type === 'response.refusal.delta')).toBe(input === '[[refuse]]');
    }
  });

  it('follows a schema', async () => {
    const answer = await client.responses.create({
      model: 'assistant',
      input: 'hello',
      text: {
        format: {
          type: 'json_schema',
          name: 'answer',
          schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false },
        },
      },
    });
    expect(JSON.parse(answer.output_text)).toHaveProperty('ok');
  });
});

describe('in the form that OpenAI describes', () => {
  it.each<[string, object]>([
    ['a text', { input: 'hello' }],
    ['calls of tools', { input: '[[tools:2]] both', tools: [weather, { ...weather, name: 'time' }] }],
    ['thoughts', { input: '[[reasoning:5]] hello', reasoning: { effort: 'low', summary: 'auto' } }],
    ['log probabilities', { input: 'hello', include: ['message.output_text.logprobs'], top_logprobs: 2 }],
    ['a refusal', { input: '[[refuse]]' }],
    ['the end by a filter', { input: '[[filter]] hello' }],
    ['the end of its tokens', { input: '[[chunks:60]]', max_output_tokens: 16 }],
  ])('%s comes, streamed and whole', async (_what, asked) => {
    const whole = await client.responses.create({
      model: 'assistant',
      ...asked,
    } as OpenAI.Responses.ResponseCreateParamsNonStreaming);
    const { output_text: _text, ...told } = whole;
    expect(faultsOf('Response', JSON.parse(JSON.stringify(told)))).toEqual([]);
    const stream = client.responses.stream({ model: 'assistant', ...asked } as OpenAI.Responses.ResponseCreateParamsStreaming);
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    const faults = events.flatMap((event) => faultsOf('ResponseStreamEvent', JSON.parse(JSON.stringify(event))));
    // Before the end OpenAI's usage is null, for which its description has no word.
    expect(faults.filter((fault) => fault !== 'ResponseStreamEvent.response.usage is no object')).toEqual([]);
    const last = events.at(-1);
    const final = last !== undefined && 'response' in last ? last.response : undefined;
    expect(final?.output.map(({ type }) => type)).toEqual(whole.output.map(({ type }) => type));
    expect(final?.usage).toEqual(whole.usage);
  });
});

describe('what a provider that speaks chat is asked', () => {
  it('is the request in the words of chat', async () => {
    await ask({
      instructions: 'Be brief.',
      input: [
        { role: 'developer', content: 'In French.' },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'Look' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'low' },
          ],
        },
      ],
      tools: [weather, { type: 'custom', name: 'shout', description: 'Shouts.' }, { type: 'web_search' }],
      tool_choice: { type: 'function', name: 'weather' },
      reasoning: { effort: 'low' },
      text: { verbosity: 'low' },
      max_output_tokens: 99,
      temperature: 0.1,
      top_k: 4,
      metadata: { a: 'b' },
      store: false,
    });
    const { messages, tools, ...rest } = sent();
    expect(messages).toEqual([
      { role: 'system', content: 'Be kind.\n\nBe brief.' },
      { role: 'system', content: 'In French.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } },
        ],
      },
    ]);
    expect((tools as { function: { name: string } }[]).map((tool) => tool.function.name)).toEqual(['weather', 'shout']);
    expect(rest).toEqual({
      model: 'sandbox-chat',
      tool_choice: { type: 'function', function: { name: 'weather' } },
      reasoning_effort: 'low',
      verbosity: 'low',
      max_completion_tokens: 99,
      temperature: 0.1,
      top_k: 4,
    });
  });

  it('has custom and namespaced tools as functions, whose calls come back as what they are', async () => {
    provider.answerWith((body, response) =>
      reply(response, body, {
        tool_calls: [
          { id: 'call_a', type: 'function', function: { name: 'shout', arguments: '{"input":"hey"}' } },
          { id: 'call_b', type: 'function', function: { name: 'crm__find', arguments: '{}' } },
        ],
      }),
    );
    const tools = [
      { type: 'custom', name: 'shout' },
      { type: 'namespace', name: 'crm', description: 'Customers.', tools: [{ type: 'function', name: 'find', parameters: {} }] },
    ];
    const answer = await ask({ input: 'Go', tools });
    expect(answer.body.output).toMatchObject([
      { type: 'custom_tool_call', call_id: 'call_a', name: 'shout', input: 'hey' },
      { type: 'function_call', call_id: 'call_b', name: 'find', namespace: 'crm', arguments: '{}' },
    ]);
    await ask({
      tools,
      previous_response_id: answer.body.id,
      input: [
        { type: 'custom_tool_call_output', call_id: 'call_a', output: 'HEY' },
        { type: 'function_call_output', call_id: 'call_b', output: [{ type: 'input_text', text: 'found' }] },
      ],
    });
    expect((sent()['messages'] as object[]).slice(2)).toMatchObject([
      {
        role: 'assistant',
        tool_calls: [
          { id: 'call_a', function: { name: 'shout' } },
          { id: 'call_b', function: { name: 'crm__find' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_a', content: 'HEY' },
      { role: 'tool', tool_call_id: 'call_b', content: 'found' },
    ]);
  });

  it('and answers in one piece where a stream was asked for is read as if it had streamed', async () => {
    provider.answerWith((body, response) => reply(response, { ...body, stream: false }, { content: 'Hello there.' }));
    const asking = openai(platform.app.baseUrl, recorded);
    const stream = asking.responses.stream({ model: 'assistant', input: 'Hi' });
    for await (const _event of stream);
    const final = await stream.finalResponse();
    expect(final.output).toMatchObject((await asking.responses.retrieve(final.id)).output);
    expect(final.output).toMatchObject([{ content: [{ text: 'Hello there.' }] }]);
  });

  it('must hold a call for each output of a tool', async () => {
    const refused = await ask({ input: [{ type: 'function_call_output', call_id: 'call_none', output: 'x' }] });
    expect([refused.status, refused.body.error.message]).toEqual([400, expect.stringContaining('call_none')]);
  });
});

describe('what chat has no form for', () => {
  const call = { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' };
  const image = { type: 'input_image', image_url: 'data:image/png;base64,AA==' };
  const shownImage = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } };

  it('images in the result of a tool stand in a message behind it', async () => {
    const output = [{ type: 'input_text', text: 'a map' }, image];
    const answer = await ask({
      input: [
        { role: 'user', content: 'Where?' },
        call,
        { ...call, call_id: 'call_2' },
        { type: 'function_call_output', call_id: 'call_1', output },
        { type: 'function_call_output', call_id: 'call_2', output: [image] },
      ],
    });
    expect(answer.status).toBe(200);
    expect((sent()['messages'] as object[]).slice(2)).toMatchObject([
      { role: 'assistant', tool_calls: [{ id: 'call_1' }, { id: 'call_2' }] },
      { role: 'tool', tool_call_id: 'call_1', content: 'a map' },
      { role: 'tool', tool_call_id: 'call_2', content: 'The result is in the message that follows.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'From the result of call_1:' },
          shownImage,
          { type: 'text', text: 'From the result of call_2:' },
          shownImage,
        ],
      },
    ]);
  });

  it('the address of a file is refused with its place', async () => {
    const file = { type: 'input_file', file_url: 'https://files.example/a.pdf' };
    const inMessage = await ask({ input: [{ role: 'user', content: [{ type: 'input_text', text: 'Read' }, file] }] });
    expect([inMessage.status, inMessage.body.error.code, inMessage.body.error.param]).toEqual([
      400,
      'unsupported_parameter',
      'input[0].content[1].file_url',
    ]);
    const inResult = await ask({ input: [call, { type: 'function_call_output', call_id: 'call_1', output: [file] }] });
    expect([inResult.status, inResult.body.error.param]).toEqual([400, 'input[1].output[0].file_url']);
  });

  it('tools that items bring are offered, and items without a form are named', async () => {
    const brought = { type: 'additional_tools', role: 'developer', tools: [{ ...weather, name: 'tides' }, weather] };
    const shell = { type: 'shell_call', call_id: 'call_s', action: { commands: ['ls'] }, status: 'completed' };
    const answer = await ask({ tools: [weather], input: [brought, shell, { role: 'user', content: 'Hi' }] });
    expect([answer.status, answer.headers.get('x-gt-items-left-out')]).toEqual([200, 'shell_call']);
    const names = (sent()['tools'] as { function: { name: string } }[]).map((tool) => tool.function.name);
    expect(names).toEqual(['weather', 'tides']);
  });

  it('a choice of tools of which none is left is 400', async () => {
    const shell = { type: 'local_shell' };
    const choices: [object[], unknown, string][] = [
      [[shell], 'required', 'unsupported_parameter'],
      [[shell, weather], { type: 'allowed_tools', mode: 'required', tools: [shell] }, 'unsupported_parameter'],
      [[weather], { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'none' }] }, 'unsupported_parameter'],
      [[], 'required', 'invalid_value'],
    ];
    for (const [tools, tool_choice, code] of choices) {
      const { status, body } = await ask({ input: 'Hi', tools, tool_choice });
      expect([status, body.error.code, body.error.param]).toEqual([400, code, 'tool_choice']);
    }
    const allowed = { type: 'allowed_tools', mode: 'required', tools: [shell, { type: 'function', name: 'weather' }] };
    expect((await ask({ input: 'Hi', tools: [shell, weather, { ...weather, name: 'b' }], tool_choice: allowed })).status).toBe(
      200,
    );
    expect([sent()['tool_choice'], (sent()['tools'] as object[]).length]).toEqual(['required', 1]);
  });

  it('a function outside of all namespaces is not one of the same name in one', async () => {
    const inside = { type: 'namespace', name: 'crm', description: 'd', tools: [{ type: 'function', name: 'weather' }] };
    await ask({ input: 'Hi', tools: [inside, weather], tool_choice: { type: 'function', name: 'weather' } });
    expect(sent()['tool_choice']).toEqual({ type: 'function', function: { name: 'weather' } });
  });

  it.each<[string, unknown]>([
    ['metadata', { a: 1 }],
    ['metadata', 'x'],
    ['reasoning', 'high'],
    ['max_tool_calls', 'x'],
    ['max_tool_calls', 0],
    ['store', 'false'],
    ['store', 0],
  ])('%s of %j is judged here', async (name, value) => {
    const { status, body } = await ask({ input: 'Hi', [name]: value });
    expect([status, body.error.param]).toEqual([400, name]);
  });

  it('what the provider says of a member names the member of the request', async () => {
    provider.answerWith((_body, response) => {
      const message = "Invalid 'max_completion_tokens': integer below minimum value.";
      const error = { message, type: 'invalid_request_error', param: 'max_completion_tokens', code: 'integer_below_min_value' };
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    });
    const { status, body } = await ask({ input: 'Hi', max_output_tokens: 0 });
    expect([status, body.error.param, body.error.message]).toEqual([
      400,
      'max_output_tokens',
      "Invalid 'max_output_tokens': integer below minimum value.",
    ]);
  });
});
