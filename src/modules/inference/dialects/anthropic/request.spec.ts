import { describe, expect, it } from '@jest/globals';
import { faultOf, signatureOf } from '../../../../../test/support/anthropic-rules.js';
import type { Fields } from '../../../../kernel/fields.js';
import { printExact, readExact } from '../../wire/exact-json.js';
import type { DialectAsked } from '../dialect.js';
import { anthropic } from './anthropic.js';

const hello = [{ role: 'user', content: 'Hello.' }];
const asked = (more: Partial<DialectAsked> = {}): DialectAsked => ({ stream: false, kept: () => undefined, ...more });

/** The request for a chat, which a provider takes. */
function taken(chat: Fields, more: Partial<DialectAsked> = {}): Fields {
  const { body } = anthropic.request({ model: 'claude-sonnet-4-6', messages: hello, ...chat }, asked(more));
  expect(faultOf(body)).toBeUndefined();
  return body;
}

const leftOut = (chat: Fields) => anthropic.request({ model: 'claude-sonnet-4-6', messages: hello, ...chat }, asked()).leftOut;
const refusal = (chat: Fields): unknown => {
  try {
    anthropic.request({ model: 'claude-sonnet-4-6', messages: hello, ...chat }, asked());
    return undefined;
  } catch (error) {
    return error;
  }
};

const weather = { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } };
const tools = [{ type: 'function', function: weather }];
const call = (id: string, name = 'weather', input = '{}') => ({ id, type: 'function', function: { name, arguments: input } });
const result = (id: string, content: unknown = 'sunny') => ({ role: 'tool', tool_call_id: id, content });
const thought = (thinking: string) => ({ type: 'thinking', thinking, signature: signatureOf(thinking) });

describe('a chat as a request for a message', () => {
  it('says a question as it is', () => {
    expect(anthropic.request({ model: 'm', messages: hello }, asked())).toEqual({
      path: '/messages',
      body: { model: 'm', max_tokens: 16_384, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello.' }] }] },
      leftOut: [],
    });
  });

  it('asks at the path of the connection, and for a stream', () => {
    const request = anthropic.request({ model: 'm', messages: hello }, asked({ path: '/other', stream: true }));
    expect(request).toMatchObject({ path: '/other', body: { stream: true } });
  });

  it('always says how long the answer may be: as the client asks, else as the model is known to be, else by itself', () => {
    expect(taken({ max_completion_tokens: 5, max_tokens: 6 })['max_tokens']).toBe(5);
    expect(taken({ max_tokens: 6 }, { maxTokens: 7 })['max_tokens']).toBe(6);
    expect(taken({}, { maxTokens: 7 })['max_tokens']).toBe(7);
    expect(taken({ model: 'claude-3-haiku-20240307' })['max_tokens']).toBe(4096);
  });

  it('puts instructions in front, wherever they stood', () => {
    const messages = [
      { role: 'system', content: 'Rhyme.' },
      { role: 'user', content: 'One?' },
      { role: 'developer', content: [{ type: 'text', text: 'Be short.' }] },
      { role: 'user', content: 'Two?' },
    ];
    expect(taken({ messages })).toMatchObject({
      system: [
        { type: 'text', text: 'Rhyme.' },
        { type: 'text', text: 'Be short.' },
      ],
      messages: [{ role: 'user', content: [{ text: 'One?' }, { text: 'Two?' }] }],
    });
  });

  it('has the user begin, also where nobody or the model does', () => {
    expect(taken({ messages: [{ role: 'system', content: 'Rhyme.' }] })['messages']).toHaveLength(1);
    expect(taken({ messages: [{ role: 'assistant', content: 'Hi! ' }] })['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ text: 'Hi!' }] },
    ]);
  });

  it('leaves blank texts out, and joins what then stands side by side', () => {
    const messages = [
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: ' \n' },
      {
        role: 'user',
        content: [
          { type: 'text', text: '' },
          { type: 'text', text: 'Two?' },
        ],
      },
    ];
    expect(taken({ messages })['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'One?' },
          { type: 'text', text: 'Two?' },
        ],
      },
    ]);
  });

  it('says images, PDFs and texts as blocks', () => {
    const content = [
      { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'https://images.example/a.png' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERg==', filename: 'a.pdf' } },
      { type: 'file', file: { file_data: 'data:text/csv;base64,w7wsMQ==', filename: 'a.csv' } },
      { type: 'file', file: { file_url: 'https://files.example/b.pdf' } },
    ];
    expect(taken({ messages: [{ role: 'user', content }] })['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
          { type: 'image', source: { type: 'url', url: 'https://images.example/a.png' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' }, title: 'a.pdf' },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ü,1' }, title: 'a.csv' },
          { type: 'document', source: { type: 'url', url: 'https://files.example/b.pdf' } },
        ],
      },
    ]);
  });

  it.each([
    ['a sound', { type: 'input_audio', input_audio: { data: 'aGk=', format: 'wav' } }],
    ['an image of another type', { type: 'image_url', image_url: { url: 'data:image/tiff;base64,aGk=' } }],
    ['a file of another type', { type: 'file', file: { file_data: 'data:application/zip;base64,aGk=' } }],
  ])('refuses %s', (_what, part) => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'See:' }, part] }];
    expect(refusal({ messages })).toMatchObject({ status: 400, code: 'unsupported_parameter' });
    expect(refusal({ messages })).toMatchObject({ param: expect.stringContaining('messages[0].content[1]') as unknown });
  });

  it.each([
    ['auto', true, { type: 'auto' }],
    ['auto', false, { type: 'auto', disable_parallel_tool_use: true }],
    ['required', true, { type: 'any' }],
    ['none', false, { type: 'none' }],
    [
      { type: 'function', function: { name: 'weather' } },
      false,
      { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
    ],
  ])('offers tools, and which of them to call: %j, parallel %s', (choice, parallel, said) => {
    expect(taken({ tools, tool_choice: choice, parallel_tool_calls: parallel })).toMatchObject({
      tools: [{ name: 'weather', input_schema: weather.parameters }],
      tool_choice: said,
    });
  });

  it('offers a function without parameters, a strict one and a custom tool', () => {
    const offered = [
      { type: 'function', function: { name: 'now' } },
      { type: 'function', function: { ...weather, strict: true, description: 'Looks.' } },
      { type: 'custom', custom: { name: 'shout', description: 'Shouts.' } },
    ];
    expect(taken({ tools: offered })['tools']).toEqual([
      { name: 'now', input_schema: { type: 'object', properties: {} } },
      { name: 'weather', description: 'Looks.', strict: true, input_schema: weather.parameters },
      {
        name: 'shout',
        description: 'Shouts.',
        input_schema: {
          type: 'object',
          properties: { input: { type: 'string' } },
          required: ['input'],
          additionalProperties: false,
        },
      },
    ]);
    expect(taken({ tools: offered, model: 'claude-3-5-haiku-latest' })['tools']).toMatchObject([{}, { name: 'weather' }, {}]);
  });

  it('offers the deprecated functions, one call at a time', () => {
    expect(taken({ functions: [weather], function_call: { name: 'weather' } })).toMatchObject({
      tools: [{ name: 'weather' }],
      tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
    });
  });

  it('puts results directly behind their calls, before what the user says besides', () => {
    const messages = [
      { role: 'user', content: 'Use them.' },
      { role: 'assistant', content: 'I do.', tool_calls: [call('a', 'weather', '{"city":"Ulm"}'), call('b')] },
      { role: 'user', content: 'Quick!' },
      result('b', ''),
      result('a', [
        { type: 'text', text: 'see' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
      ]),
    ];
    expect(taken({ messages, tools })['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Use them.' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I do.' },
          { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Ulm' } },
          { type: 'tool_use', id: 'b', name: 'weather', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'b' },
          {
            type: 'tool_result',
            tool_use_id: 'a',
            content: [
              { type: 'text', text: 'see' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
            ],
          },
          { type: 'text', text: 'Quick!' },
        ],
      },
    ]);
  });

  it('gives calls ids that this wire takes, each once', () => {
    const round = (id: string) => [{ role: 'assistant', tool_calls: [call(id)] }, result(id)];
    const messages = [...hello, ...round('functions.weather:0'), ...round('call_1'), ...round('call_1'), ...round('call_1-2')];
    const said = taken({ messages, tools })['messages'] as { content: Fields[] }[];
    const ids = said.flatMap(({ content }) => content.flatMap(({ id, tool_use_id: of }) => [id ?? of])).filter(Boolean);
    const expected = ['functions_weather_0', 'call_1', 'call_1-2', 'call_1-2-2'];
    expect(ids).toEqual(expected.flatMap((id) => [id, id]));
  });

  it('says the deprecated form of a call and its result', () => {
    const messages = [
      ...hello,
      { role: 'assistant', content: null, function_call: { name: 'weather', arguments: '{}' } },
      { role: 'function', name: 'weather', content: 'sunny' },
    ];
    expect(taken({ messages, functions: [weather] })['messages']).toMatchObject([
      {},
      { content: [{ type: 'tool_use', id: 'call_fn_weather', name: 'weather' }] },
      { content: [{ type: 'tool_result', tool_use_id: 'call_fn_weather', content: [{ text: 'sunny' }] }] },
    ]);
  });

  it.each([
    ['a call without a result', [...hello, { role: 'assistant', tool_calls: [call('a')] }]],
    [
      'a result that comes too late',
      [...hello, { role: 'assistant', tool_calls: [call('a')] }, ...hello, { role: 'assistant', content: 'x' }, result('a')],
    ],
    ['a result of no call', [...hello, result('a')]],
    ['a second result', [...hello, { role: 'assistant', tool_calls: [call('a')] }, result('a'), result('a')]],
    ['arguments that are no JSON', [...hello, { role: 'assistant', tool_calls: [call('a', 'weather', '{')] }, result('a')]],
  ])('refuses %s', (_what, messages) => {
    expect(refusal({ messages, tools })).toMatchObject({ status: 400, code: 'invalid_value' });
  });

  it('names the tools that were called where the chat offers none, and has none called', () => {
    const messages = [...hello, { role: 'assistant', tool_calls: [call('a')] }, result('a')];
    expect(taken({ messages })).toMatchObject({ tools: [{ name: 'weather' }], tool_choice: { type: 'none' } });
  });

  it('keeps numbers as they were written', () => {
    const text =
      '{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a","type":"function",' +
      '"function":{"name":"f","arguments":"{\\"id\\":12345678901234567890,\\"x\\":1.0}"}}]},{"role":"tool","tool_call_id":"a",' +
      '"content":"y"}],"max_tokens":1e3,"temperature":0.50,"tools":[{"type":"function","function":{"name":"f","parameters":' +
      '{"type":"object","properties":{"x":{"maximum":1e400}}}}}]}';
    const chat = readExact(Buffer.from(text), JSON.parse(text)) as Fields;
    const printed = printExact(anthropic.request(chat, asked()).body);
    for (const kept of ['"max_tokens":1e3', '"temperature":0.50', '{"id":12345678901234567890,"x":1.0}', '"maximum":1e400'])
      expect(printed).toContain(kept);
  });

  it('gives thoughts back, from the message or from what is kept for its calls', () => {
    const messages = [
      ...hello,
      { role: 'assistant', content: 'One.', thinking_blocks: [{ index: 0, ...thought('hm') }], reasoning_content: 'hm' },
      ...hello,
      { role: 'assistant', tool_calls: [call('a'), call('b')], reasoning_content: 'lost' },
      result('a'),
      result('b'),
    ];
    const kept = (id: string) => (id === 'b' ? { thinking_blocks: [{ type: 'redacted_thinking', data: 'x' }] } : undefined);
    expect(taken({ messages, tools }, { kept })['messages']).toMatchObject([
      {},
      { content: [thought('hm'), { type: 'text', text: 'One.' }] },
      {},
      { content: [{ type: 'redacted_thinking', data: 'x' }, { type: 'tool_use' }, { type: 'tool_use' }] },
      {},
    ]);
  });

  it('leaves out thoughts that are not signed, and those that nothing follows', () => {
    const messages = [
      ...hello,
      { role: 'assistant', content: 'One.', thinking_blocks: [{ type: 'thinking', thinking: 'hm' }] },
      ...hello,
      { role: 'assistant', content: '', thinking_blocks: [thought('hm')] },
      ...hello,
    ];
    expect(JSON.stringify(taken({ messages })['messages'])).not.toContain('hm');
  });

  it.each([
    ['claude-sonnet-4-6', 'minimal', { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'low' } }],
    ['claude-sonnet-4-6', 'xhigh', { output_config: { effort: 'max' } }],
    ['claude-opus-4-8', 'xhigh', { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } }],
    ['claude-sonnet-4-5', 'low', { thinking: { type: 'enabled', budget_tokens: 2048 } }],
    ['claude-sonnet-4-5', 'max', { thinking: { type: 'enabled', budget_tokens: 12_288 } }],
    ['claude-sonnet-5', 'none', { thinking: { type: 'disabled' } }],
    ['claude-sonnet-5-5', 'none', { thinking: { type: 'between_tools' } }],
    ['claude-fable-5', 'none', { output_config: { effort: 'low' } }],
  ])('has %s think as much as %s', (model, effort, said) => {
    const request = anthropic.request({ model, messages: hello, reasoning_effort: effort }, asked());
    expect(faultOf(request.body)).toBeUndefined();
    expect(request).toMatchObject({ body: said, leftOut: [] });
  });

  it('leaves an effort out where the model cannot think', () => {
    const messages = [...hello, { role: 'assistant', tool_calls: [call('a')] }, result('a')];
    const chats: Fields[] = [
      { model: 'claude-3-5-haiku-latest' },
      { model: 'claude-sonnet-4-5', max_tokens: 1024 },
      { model: 'claude-sonnet-4-5', tools, tool_choice: 'required' },
      { model: 'claude-sonnet-4-5', tools, messages },
    ];
    for (const chat of chats) {
      expect(taken({ ...chat, reasoning_effort: 'high' })['thinking']).toBeUndefined();
      expect(leftOut({ ...chat, reasoning_effort: 'high' })).toEqual(['reasoning_effort']);
    }
    const forced = { tools, tool_choice: 'required', reasoning_effort: 'high' };
    expect(taken(forced)).not.toHaveProperty('thinking');
    expect(taken(forced)['output_config']).toEqual({ effort: 'high' });
  });

  it('leaves sampling out where the model takes none', () => {
    const both = { temperature: 0.2, top_p: 0.9 };
    expect(taken(both)).toMatchObject({ temperature: 0.2 });
    expect(leftOut(both)).toEqual(['top_p']);
    expect(taken({ top_p: 0.9 })).toMatchObject({ top_p: 0.9 });
    for (const more of [{ reasoning_effort: 'low' }, { model: 'claude-opus-5' }, { thinking: { type: 'adaptive' } }]) {
      expect(taken({ ...both, ...more })).not.toHaveProperty('temperature');
      expect(leftOut({ ...both, ...more })).toEqual(['temperature', 'top_p']);
    }
  });

  it('asks for the form of the answer by a member, or in words', () => {
    const schema = { type: 'object', properties: {} };
    const format = { type: 'json_schema', json_schema: { name: 'city', schema } };
    expect(taken({ response_format: format, reasoning_effort: 'low' })['output_config']).toEqual({
      effort: 'low',
      format: { type: 'json_schema', schema },
    });
    for (const chat of [{ response_format: { type: 'json_object' } }, { response_format: format, model: 'claude-3-7-sonnet' }]) {
      const said = taken(chat);
      expect(said).not.toHaveProperty('output_config');
      expect(JSON.stringify(said['system'])).toContain('one JSON object');
    }
    expect(taken({ response_format: { type: 'text' } })).not.toHaveProperty('system');
  });

  it('says the user, where to stop, the tier, and members of this wire itself', () => {
    const chat = { user: 'u', stop: ['END', ''], service_tier: 'default', top_k: 5, output_config: { effort: 'low' } };
    expect(taken(chat)).toMatchObject({
      metadata: { user_id: 'u' },
      stop_sequences: ['END'],
      service_tier: 'standard_only',
      top_k: 5,
      output_config: { effort: 'low' },
    });
    expect(taken({ safety_identifier: 's', store: true, stream_options: { include_usage: true } })).toEqual(
      taken({ user: 's', stream: true, n: 1, logprobs: false, frequency_penalty: 0 }),
    );
  });

  it('names the hints that it leaves out', () => {
    const chat = { seed: 1, frequency_penalty: 0.5, presence_penalty: 0, verbosity: 'low', metadata: {}, service_tier: 'flex' };
    expect(leftOut(chat)).toEqual(['seed', 'frequency_penalty', 'verbosity', 'service_tier']);
  });

  it.each([
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['logit_bias', { logit_bias: { 5: 1 } }],
    ['prediction', { prediction: { type: 'content', content: 'x' } }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['web_search_options', { web_search_options: {} }],
    ['stop', { stop: '\n' }],
  ])('refuses %s, which changes the answer and has no word here', (param, chat) => {
    expect(refusal(chat)).toMatchObject({ status: 400, code: 'unsupported_parameter', param });
  });

  it.each([
    ['temperature', { temperature: 1.5 }],
    ['reasoning_effort', { reasoning_effort: 'constructor' }],
  ])('refuses a %s that is none here', (param, chat) => {
    expect(refusal(chat)).toMatchObject({ status: 400, code: 'invalid_value', param });
  });

  it('reads very long chats in one step', () => {
    const messages = Array.from({ length: 150_000 }, () => ({ role: 'user', content: 'x' }));
    const said = taken({ messages })['messages'] as { content: unknown[] }[];
    expect(said[0]?.content).toHaveLength(150_000);
    const content = Array.from({ length: 150_000 }, () => ({ type: 'text', text: 'x' }));
    const long = ['system', 'user', 'system', 'user'].map((role) => ({ role, content }));
    const { system, messages: told } = taken({ messages: long }) as { system: unknown; messages: { content: unknown[] }[] };
    expect(system).toHaveLength(300_000);
    expect(told[0]?.content).toHaveLength(300_000);
  });
});
