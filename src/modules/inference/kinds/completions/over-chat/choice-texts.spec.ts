import { describe, expect, it } from '@jest/globals';
import { ChoiceTexts } from './choice-texts.js';

const token = (text: string, logprob: number) => ({ token: text, logprob, bytes: null, top_logprobs: [] });

describe('ChoiceTexts', () => {
  it('puts what is echoed once in front of each choice', () => {
    const texts = new ChoiceTexts('Say: ', undefined);
    const piece = (index: number, content: string) => texts.take({ index, delta: { content }, finish_reason: null })?.['text'];
    expect([piece(0, 'a'), piece(1, 'x'), piece(0, 'b'), piece(1, 'y')]).toEqual(['Say: a', 'Say: x', 'b', 'y']);
  });

  it('tells no piece that says nothing in plain text', () => {
    const texts = new ChoiceTexts('', undefined);
    for (const delta of [{ role: 'assistant', content: '' }, { reasoning_content: 'Hm.' }, { tool_calls: [] }, null])
      expect(texts.take({ index: 0, delta, finish_reason: null })).toBeUndefined();
  });

  it.each([
    [{ content: null, refusal: 'No.' }, 'content_filter', 'No.', 'content_filter'],
    [
      {
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      'length',
      'ab',
      'length',
    ],
    [{ content: null, tool_calls: [{}] }, 'tool_calls', '', 'stop'],
    [undefined, 'eos', '', 'stop'],
  ])('tells %j that ended with %s as a text', (message, reason, text, finish) => {
    const told = new ChoiceTexts('', undefined).take({ index: 2, message, finish_reason: reason });
    expect(told).toEqual({ text, index: 2, logprobs: null, finish_reason: finish });
  });

  it('tells log probabilities in the legacy form, their offsets rising through the pieces of each choice', () => {
    const texts = new ChoiceTexts('', 1);
    const piece = (content: object[]) =>
      texts.take({ index: 0, delta: { content: 'x' }, logprobs: { content }, finish_reason: null })?.['logprobs'];
    const first = piece([{ ...token('He', -0.5), top_logprobs: [token('She', -0.25)] }, token('y😀', -1)]);
    expect(first).toEqual({
      tokens: ['He', 'y😀'],
      token_logprobs: [-0.5, -1],
      top_logprobs: [{ She: -0.25, He: -0.5 }, { 'y😀': -1 }],
      text_offset: [0, 2],
    });
    expect(piece([token('!', -2)])).toMatchObject({ tokens: ['!'], text_offset: [4] });
    expect(new ChoiceTexts('', 0).take({ message: { content: 'a' }, logprobs: { content: [token('a', -1)] } })).toMatchObject({
      logprobs: { tokens: ['a'], top_logprobs: null },
    });
  });
});
