import { describe, expect, it } from '@jest/globals';
import { asked, call, hello, refusal, result, taken, tools, weather } from '../../../../../test/support/anthropic-request.js';
import type { Fields } from '../../../../kernel/fields.js';
import { printExact, readExact } from '../../wire/exact-json.js';
import { anthropic } from './anthropic.js';

describe('tools in a request', () => {
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
});
