import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../../kernel/app-error.js';
import type { Answer } from '../call/answer.js';
import { GatheredAnswer } from './gathered-answer.js';

/** The plain reply that is put together. */
function gathered(form: 'chat' | 'responses', text: string): unknown {
  const plain: Answer = { reply: (bytes) => ({ bytes, tokens: null }), flow: () => undefined };
  return JSON.parse(new GatheredAnswer(plain, form).reply(Buffer.from(text)).bytes.toString('utf8'));
}

/** Events as a provider may write them. */
function written(events: readonly object[], lineEnd: string, space = ' '): string {
  return events.map((event) => `: hello${lineEnd}data:${space}${JSON.stringify(event)}${lineEnd}${lineEnd}`).join('');
}

const lineEnds = fc.constantFrom('\n', '\r\n', '\r');
const spaces = fc.constantFrom('', ' ', '  ', ' \t');
const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' };

describe('a chat that is put together from a stream', () => {
  it('says what the chunks say, wherever they are cut', () => {
    const pieces = fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(pieces, pieces, lineEnds, spaces, (texts, inputs, lineEnd, space) => {
        const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '' } };
        const deltas = [
          { role: 'assistant', content: '' },
          ...texts.map((content) => ({ content })),
          { tool_calls: [call] },
          ...inputs.map((input) => ({ tool_calls: [{ index: 0, function: { arguments: input } }] })),
        ];
        const chunks = deltas.map((delta) => ({ ...head, choices: [{ index: 0, delta, finish_reason: null }] }));
        const last = { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] };
        const stream = written([...chunks, last, { ...head, choices: [], usage }], lineEnd, space);
        expect(gathered('chat', `${stream}data: [DONE]\n\n`)).toMatchObject({
          id: 'chatcmpl-1',
          object: 'chat.completion',
          model: 'm',
          choices: [
            {
              index: 0,
              finish_reason: 'tool_calls',
              message: {
                role: 'assistant',
                content: texts.join(''),
                tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: inputs.join('') } }],
              },
            },
          ],
          usage,
        });
      }),
    );
  });

  it.each([
    ['chunks', (name: string) => ({ [name]: 'a', choices: [] })],
    ['messages', (name: string) => ({ choices: [{ index: 0, delta: { [name]: 'a' } }] })],
    [
      'calls',
      (name: string) => ({
        choices: [{ index: 0, delta: { tool_calls: [{ id: 'call_1', function: { name: 'look' }, [name]: 'a' }] } }],
      }),
    ],
  ])('gathers very many members of %s in a time that grows with them', (_what, saying) => {
    const events = Array.from({ length: 30_000 }, (_none, at) => saying(`m${at}`));
    const last = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
    expect(JSON.stringify(gathered('chat', written([...events, last], '\n')))).toContain('"m29999":"a"');
  });

  it.each([
    ['the same place twice', [0, 0]],
    ['no place', [undefined, undefined]],
  ])('joins the pieces of a call that have %s', (_what, places) => {
    const piece = (index: number | undefined, input: string, more: object = {}) => ({
      ...(index === undefined ? {} : { index }),
      ...more,
      function: { ...('id' in more ? { name: 'look' } : {}), arguments: input },
    });
    const deltas = [
      { tool_calls: [piece(places[0], '{"a"', { id: 'call_1', type: 'function' })] },
      { tool_calls: [piece(places[1], ':1}')] },
    ];
    const chunks = deltas.map((delta) => ({ ...head, choices: [{ index: 0, delta, finish_reason: null }] }));
    const last = { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] };
    const call = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"a":1}' } };
    expect(gathered('chat', written([...chunks, last], '\n'))).toMatchObject({ choices: [{ message: { tool_calls: [call] } }] });
  });

  it.each([
    ['ends before a choice has', [{ ...head, choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }] }]],
    ['says nothing', []],
    ['tells an error', [{ error: { message: 'boom' } }]],
  ])('is none when the stream %s', (_what, events) => {
    expect(() => gathered('chat', written(events, '\n'))).toThrow(AppError);
  });
});

const item = (id: string) => ({ id, type: 'message', role: 'assistant', content: [{ type: 'output_text', text: id }] });
const response = { id: 'resp_1', object: 'response', status: 'completed', output: [] as object[] };

describe('a response that is put together from a stream', () => {
  it('is the one of the last event, with the items of the others where that has none', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 4 }),
        fc.boolean(),
        lineEnds,
        (ids, isFull, lineEnd) => {
          const items = ids.map((id, at) => ({ type: 'response.output_item.done', output_index: at, item: item(id) }));
          const end = { type: 'response.completed', response: { ...response, output: isFull ? ids.map(item) : [] } };
          const stream = written([{ type: 'response.created', response }, ...[...items].reverse(), end], lineEnd);
          expect(gathered('responses', stream)).toEqual({ ...response, output: ids.map(item) });
        },
      ),
    );
  });

  it('takes the type of an event from its line, and a last event without its blank line', () => {
    const text = `event: response.incomplete\ndata: ${JSON.stringify({ response: { ...response, status: 'incomplete' } })}`;
    expect(gathered('responses', text)).toMatchObject({ status: 'incomplete' });
  });

  it('is what came in one piece, where a provider answers so', () => {
    expect(gathered('responses', ` ${JSON.stringify(response)}`)).toEqual(response);
  });

  it.each([
    ['is not whole', [{ type: 'response.created', response }]],
    ['tells an error', [{ type: 'error', message: 'boom' }]],
  ])('is none when the stream %s', (_what, events) => {
    expect(() => gathered('responses', written(events, '\n'))).toThrow(AppError);
  });
});
