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
