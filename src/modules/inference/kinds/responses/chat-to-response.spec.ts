import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fields } from '../../../../kernel/fields.js';
import { ChatToResponse } from './chat-to-response.js';
import type { NamedTool } from './tool-names.js';
import { ResponseSaid } from './response-said.js';

const frame = {
  model: 'assistant',
  instructions: null,
  previousResponseId: null,
  conversationId: null,
  store: true,
  showsEncrypted: false,
};

/** The events of these chunks, and the items of the whole response. */
function told(chunks: readonly Fields[], names = new Map<string, NamedTool>()): { events: Fields[]; output: Fields[] } {
  const said = new ResponseSaid(frame);
  const machine = new ChatToResponse(said, {}, names, (thoughts) => JSON.stringify(thoughts));
  const events = [...chunks.flatMap((chunk) => machine.take(chunk)), ...machine.finish()];
  return { events, output: machine.response(null)['output'] as Fields[] };
}

const chunk = (delta: Fields, finish: string | null = null): Fields => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
});

/** What an item says, without its ids. */
function content(item: Fields): unknown {
  const { id: _id, ...rest } = item;
  return rest;
}

/** The deltas of each item put together. */
function deltas(events: readonly Fields[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { type, item_id: id, delta } of events)
    if (String(type).endsWith('.delta')) texts[String(id)] = (texts[String(id)] ?? '') + String(delta);
  return texts;
}

/** What the last events of an item say in all. */
function wholes(events: readonly Fields[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { type, item_id: id, text, arguments: given } of events)
    if (/(?:output_text|summary_text|arguments)\.done$/.test(String(type))) texts[String(id)] = String(text ?? given);
  return texts;
}

const cutAt = (text: string, at: readonly number[]): string[] => {
  const places = [...new Set(at.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length));
};

describe('ChatToResponse', () => {
  it('tells each piece of a call once, also where one chunk holds several of them', () => {
    const { events, output } = told([
      chunk({
        tool_calls: [
          { index: 0, id: 'call_a', type: 'function', function: { name: 'f', arguments: '{"a"' } },
          { index: 0, function: { arguments: ':1}' } },
        ],
      }),
      chunk({}, 'tool_calls'),
    ]);
    expect(Object.values(deltas(events))).toEqual(['{"a":1}']);
    expect(output).toMatchObject([{ type: 'function_call', call_id: 'call_a', arguments: '{"a":1}' }]);
  });

  it('says nothing of an empty input to a custom tool but that it is whole', () => {
    const call = { index: 0, id: 'call_a', type: 'function', function: { name: 'shout', arguments: '{"input":""}' } };
    const names = new Map([['shout', { name: 'shout', isCustom: true as const }]]);
    const { events, output } = told([chunk({ tool_calls: [call] }), chunk({}, 'tool_calls')], names);
    expect(events.map(({ type }) => type)).not.toContain('response.custom_tool_call_input.delta');
    expect(events).toContainEqual(expect.objectContaining({ type: 'response.custom_tool_call_input.done', input: '' }));
    expect(output).toMatchObject([{ type: 'custom_tool_call', input: '' }]);
  });

  it.each<[string, boolean, string]>([
    ['without parameters', true, '{}'],
    ['with parameters', false, ''],
  ])('gives the call of a function %s for which nothing was written its arguments', (_what, takesNothing, given) => {
    const call = { index: 0, id: 'call_a', type: 'function', function: { name: 'now', arguments: '' } };
    const names = new Map([['now', { name: 'now', takesNothing }]]);
    const { events, output } = told([chunk({ tool_calls: [call] }), chunk({}, 'tool_calls')], names);
    expect(output).toMatchObject([{ type: 'function_call', name: 'now', arguments: given }]);
    expect(Object.values(deltas(events)).join('')).toBe(given);
    expect(Object.values(wholes(events))).toEqual([given]);
  });

  it('keeps the log probabilities of chunks without a text', () => {
    const logprob = (token: string) => ({ token, logprob: -1, bytes: null, top_logprobs: [] });
    const piece = (content: string, tokens: string[], finish: string | null = null): Fields => ({
      choices: [{ index: 0, delta: { content }, logprobs: { content: tokens.map(logprob) }, finish_reason: finish }],
    });
    const { events, output } = told([piece('', ['a']), piece('ab', ['b']), piece('c', ['c']), piece('', ['d'], 'stop')]);
    const all = ['a', 'b', 'c', 'd'].map(logprob);
    expect(output).toMatchObject([{ content: [{ text: 'abc', logprobs: all }] }]);
    const perDelta = events.filter(({ type }) => type === 'response.output_text.delta').map(({ logprobs }) => logprobs);
    expect(perDelta).toEqual([all.slice(0, 2), all.slice(2, 3)]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'response.output_text.done', logprobs: all }));
  });

  it('gives the same response however an answer is cut, in events that rise and say it all', () => {
    const answer = fc.record({
      thought: fc.string({ maxLength: 12 }),
      text: fc.string({ maxLength: 20 }),
      calls: fc.array(fc.record({ name: fc.constantFrom('f', 'g'), input: fc.constantFrom('{}', '{"city":"Ulm"}') }), {
        maxLength: 3,
      }),
      cuts: fc.array(fc.nat(), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(answer, ({ thought, text, calls, cuts }) => {
        const named = calls.map(({ name, input }, index) => ({ index, id: `call_${index}`, type: 'function', name, input }));
        const pieces: Fields[] = [
          ...cutAt(thought, cuts).map((piece) => ({ reasoning_content: piece })),
          ...cutAt(text, cuts).map((piece) => ({ content: piece })),
          ...named.map(({ index, id, type, name }) => ({ tool_calls: [{ index, id, type, function: { name, arguments: '' } }] })),
          // Pieces of all calls in turn.
          ...cuts.flatMap((_cut, turn) =>
            named.flatMap(({ index, input }) => {
              const piece = cutAt(input, cuts)[turn];
              return piece === undefined ? [] : [{ tool_calls: [{ index, function: { arguments: piece } }] }];
            }),
          ),
          ...named.map(({ index, input }) => ({
            tool_calls: [{ index, function: { arguments: cutAt(input, cuts).slice(cuts.length).join('') } }],
          })),
        ];
        const inPieces = told([...pieces.map((delta) => chunk(delta)), chunk({}, 'stop')]);
        const message = {
          role: 'assistant',
          reasoning_content: thought,
          content: text,
          tool_calls: named.map(({ id, type, name, input }) => ({ id, type, function: { name, arguments: input } })),
        };
        const whole = told([{ choices: [{ index: 0, message, finish_reason: 'stop' }] }]);
        expect(inPieces.output.map(content)).toEqual(whole.output.map(content));
        expect(inPieces.events.map((event) => event['sequence_number'])).toEqual(inPieces.events.map((_event, at) => at));
        expect(deltas(inPieces.events)).toEqual(
          Object.fromEntries(Object.entries(wholes(inPieces.events)).filter(([, said]) => said !== '')),
        );
      }),
    );
  });
});
