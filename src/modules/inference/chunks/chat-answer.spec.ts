import { describe, expect, it } from '@jest/globals';
import { AnswerCollector } from './chat-answer.js';

const chunk = (delta: object, finish: string | null = null, index = 0) => ({
  choices: [{ index, delta, finish_reason: finish }],
});

function collected(replies: readonly unknown[]): AnswerCollector {
  const collector = new AnswerCollector();
  replies.forEach((reply) => collector.add(reply));
  return collector;
}

describe('the answer of a chat', () => {
  it('is the first choice of a plain reply', () => {
    const message = {
      role: 'assistant',
      content: 'hi',
      refusal: null,
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
    };
    const choices = [
      { index: 1, message: { content: 'other' }, finish_reason: 'stop' },
      { index: 0, message, finish_reason: 'stop' },
    ];
    const answer = collected([{ choices }]).answer();
    expect(answer).toEqual({ text: 'hi', refusal: null, calls: [{ id: 'c', kind: 'function', name: 'f', input: '{}' }] });
  });

  it('is put together from the pieces of a stream', () => {
    const call = (index: number, piece: object) => ({ tool_calls: [{ index, ...piece }] });
    const collector = collected([
      chunk({ role: 'assistant', content: null }),
      chunk({ content: 'he' }),
      chunk({ content: 'other' }, null, 1),
      chunk({ content: 'llo' }),
      chunk(call(0, { id: 'c0', type: 'function', function: { name: 'f', arguments: '' } })),
      chunk(call(1, { id: 'c1', type: 'custom', custom: { name: 'g', input: '' } })),
      chunk(call(0, { function: { arguments: '{"a"' } })),
      chunk(call(1, { custom: { input: 'free' } })),
      chunk(call(0, { function: { arguments: ':1}' } })),
    ]);
    expect(collector.finished).toBe(false);
    collector.add(chunk({}, 'tool_calls'));
    expect(collector.finished).toBe(true);
    expect(collector.answer()).toEqual({
      text: 'hello',
      refusal: null,
      calls: [
        { id: 'c0', kind: 'function', name: 'f', input: '{"a":1}' },
        { id: 'c1', kind: 'custom', name: 'g', input: 'free' },
      ],
    });
  });

  it('takes calls without an index, and the deprecated function form', () => {
    const whole = { tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] };
    expect(collected([chunk(whole)]).answer()?.calls).toHaveLength(1);
    const old = collected([
      chunk({ function_call: { name: 'f', arguments: '{' } }),
      chunk({ function_call: { arguments: '}' } }),
    ]);
    expect(old.answer()?.calls).toEqual([{ id: 'call_fn_f', kind: 'function', name: 'f', input: '{}' }]);
  });

  const piece = (call: object) => chunk({ tool_calls: [call] });
  const fn = (name: string | undefined, args: string) => ({
    function: { ...(name === undefined ? {} : { name }), arguments: args },
  });
  const both = [
    { id: 'a', kind: 'function', name: 'weather', input: '{"city":"Oslo"}' },
    { id: 'b', kind: 'function', name: 'clock', input: '{"tz":"CET"}' },
  ];

  it.each<[string, object[]]>([
    [
      'without an index',
      [piece({ id: 'a', ...fn('weather', '{"city":"Oslo"}') }), piece({ id: 'b', ...fn('clock', '{"tz":"CET"}') })],
    ],
    [
      'with the index 0 for all',
      [
        piece({ index: 0, id: 'a', ...fn('weather', '{"city":"Oslo"}') }),
        piece({ index: 0, id: 'b', ...fn('clock', '{"tz":"CET"}') }),
      ],
    ],
    [
      'with an index from 1 on',
      [
        piece({ index: 1, id: 'a', ...fn('weather', '{"city":"Oslo"}') }),
        piece({ index: 2, id: 'b', ...fn('clock', '{"tz":"CET"}') }),
      ],
    ],
    [
      'in pieces without an index, the later ones without an id',
      [
        piece({ id: 'a', ...fn('weather', '') }),
        piece(fn(undefined, '{"city":')),
        piece(fn(undefined, '"Oslo"}')),
        piece({ id: 'b', ...fn('clock', '{"tz"') }),
        piece({ id: '', ...fn('', ':"CET"}') }),
      ],
    ],
    [
      'in pieces with the index 0 for all',
      [
        piece({ index: 0, id: 'a', ...fn('weather', '{"city":') }),
        piece({ index: 0, ...fn(undefined, '"Oslo"}') }),
        piece({ index: 0, id: 'b', ...fn('clock', '') }),
        piece({ index: 0, id: null, ...fn(undefined, '{"tz":"CET"}') }),
      ],
    ],
    [
      'with id and name in every piece',
      [
        piece({ index: 0, id: 'a', ...fn('weather', '{"city":') }),
        piece({ index: 0, id: 'a', ...fn('weather', '"Oslo"}') }),
        piece({ index: 1, id: 'b', ...fn('clock', '{"tz"') }),
        piece({ index: 1, id: 'b', ...fn('clock', ':"CET"}') }),
      ],
    ],
    [
      'side by side, by their ids alone',
      [
        chunk({
          tool_calls: [
            { id: 'a', ...fn('weather', '{"city"') },
            { id: 'b', ...fn('clock', '') },
          ],
        }),
        piece({ id: 'b', ...fn(undefined, '{"tz":"CET"}') }),
        piece({ id: 'a', ...fn(undefined, ':"Oslo"}') }),
      ],
    ],
    [
      'with arguments that are objects',
      [
        piece({ id: 'a', function: { name: 'weather', arguments: { city: 'Oslo' } } }),
        piece({ id: 'b', function: { name: 'clock', arguments: { tz: 'CET' } } }),
      ],
    ],
  ])('has both calls when they are streamed %s', (_how, chunks) => {
    expect(collected(chunks).answer()?.calls).toEqual(both);
  });

  it('has two calls of one function without ids', () => {
    const same = [piece({ index: 0, ...fn('f', '{"a":1}') }), piece({ index: 0, ...fn('f', '{"a":2}') })];
    expect(
      collected(same)
        .answer()
        ?.calls.map(({ input }) => input),
    ).toEqual(['{"a":1}', '{"a":2}']);
    const whole = {
      choices: [{ message: { tool_calls: [fn('f', '{"a":1}'), fn('f', '{"a":2}')] }, finish_reason: 'tool_calls' }],
    };
    expect(
      collected([whole])
        .answer()
        ?.calls.map(({ input }) => input),
    ).toEqual(['{"a":1}', '{"a":2}']);
  });

  it('has the text of a content in parts, whole or streamed', () => {
    const parts = [
      { type: 'text', text: 'Hello ' },
      { type: 'thinking', thinking: [] },
      { type: 'text', text: 'you' },
    ];
    expect(collected([{ choices: [{ message: { content: parts } }] }]).answer()?.text).toBe('Hello you');
    expect(collected(parts.map((part) => chunk({ content: [part] }))).answer()?.text).toBe('Hello you');
  });

  it('has the parts of a streamed content, each put together from its pieces', () => {
    const thought = (text: string) => ({ type: 'thinking', thinking: [{ type: 'text', text }] });
    const pieces = [
      chunk({ content: '' }),
      chunk({ content: [thought('Let me ')] }),
      chunk({ content: [thought('see.'), { type: 'text', text: 'It is ' }] }),
      chunk({ content: 'Turin' }),
      chunk({ content: [{ type: 'reference', reference_ids: [1] }] }),
      chunk({ content: [{ type: 'reference', reference_ids: [2] }] }),
      chunk({ content: '.' }),
    ];
    expect(collected(pieces).answer()).toMatchObject({
      text: 'It is Turin.',
      parts: [
        thought('Let me see.'),
        { type: 'text', text: 'It is Turin' },
        { type: 'reference', reference_ids: [1] },
        { type: 'reference', reference_ids: [2] },
        { type: 'text', text: '.' },
      ],
    });
    const late = [chunk({ content: 'See ' }), chunk({ content: [{ type: 'text', text: 'this' }] })];
    expect(collected(late).answer()?.parts).toEqual([{ type: 'text', text: 'See this' }]);
    expect(collected([chunk({ content: 'plain' })]).answer()).not.toHaveProperty('parts');
  });

  it('is none where nothing was said, whatever else came', () => {
    expect(
      collected([null, 1, {}, { choices: null }, { choices: [null, 1, {}] }, chunk({ content: 'x' }, 'stop', 1)]).answer(),
    ).toBeUndefined();
    const wild = collected([
      chunk({ content: 7, tool_calls: [null, { index: -1 }, { index: 9e9 }, { index: 0, function: { name: 7 } }] }),
    ]);
    expect(wild.answer()).toEqual({ text: null, refusal: null, calls: [] });
  });
});
