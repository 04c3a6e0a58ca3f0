import { describe, expect, it } from '@jest/globals';
import { choiceOfResponse, ResponseToChat } from './response-to-chat.js';

const logprob = (token: string) => ({ token, logprob: -1, bytes: null, top_logprobs: [] });
const place = { output_index: 0, content_index: 0 };

describe('ResponseToChat', () => {
  it('keeps log probabilities that come without a text, or only with the whole of it', () => {
    const told = (events: object[]) => {
      const machine = new ResponseToChat(new Set());
      return events
        .flatMap((event) => machine.take({ ...place, ...event }))
        .flatMap(({ logprobs }) => (logprobs as { content: { token: string }[] } | null)?.content ?? [])
        .map(({ token }) => token);
    };
    const delta = (text: string, ...tokens: string[]) => ({
      type: 'response.output_text.delta',
      delta: text,
      logprobs: tokens.map(logprob),
    });
    const done = { type: 'response.output_text.done', text: 'ab', logprobs: [logprob('a'), logprob('b')] };
    expect(told([delta('', 'a'), delta('ab', 'b'), done])).toEqual(['a', 'b']);
    expect(told([delta('ab'), done])).toEqual(['a', 'b']);
    expect(told([done])).toEqual(['a', 'b']);
  });

  it('gives the call of a function without parameters for which nothing was written an empty object', () => {
    const item = { type: 'function_call', call_id: 'call_a', name: 'now', arguments: '' };
    for (const [names, given] of [
      [['now'], '{}'],
      [[], ''],
    ] as const) {
      const machine = new ResponseToChat(new Set<unknown>(names));
      const choices = ['added', 'done'].flatMap((step) => machine.take({ ...place, type: `response.output_item.${step}`, item }));
      const pieces = choices.map(({ delta }) => (delta as { tool_calls: { function: { arguments: string } }[] }).tool_calls[0]);
      expect(pieces.map((piece) => piece?.function.arguments).join('')).toBe(given);
      expect(choiceOfResponse({ output: [item] }, new Set<unknown>(names))).toMatchObject({
        message: { tool_calls: [{ function: { name: 'now', arguments: given } }] },
      });
    }
  });
});
