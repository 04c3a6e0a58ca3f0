import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunk, saidAt, texts } from '../../../../test/support/event-texts.js';
import type { Fields } from '../../../kernel/fields.js';

/** What a client gathers of chunks, for each choice. */
function gathered(events: readonly Fields[]): Record<string, { content: string; args: Record<string, string>; over: boolean }> {
  const all: Record<string, { content: string; args: Record<string, string>; over: boolean }> = {};
  for (const event of events)
    for (const { index, delta = {}, finish_reason } of event['choices'] as {
      index: number;
      delta?: Fields;
      finish_reason: unknown;
    }[]) {
      const one = (all[index] ??= { content: '', args: {}, over: false });
      expect(one.over).toBe(false);
      one.content += (delta['content'] as string | undefined) ?? '';
      for (const call of (delta['tool_calls'] as { index: number; function: { arguments?: string } }[] | undefined) ?? [])
        one.args[call.index] = (one.args[call.index] ?? '') + (call.function.arguments ?? '');
      if (finish_reason !== null) one.over = true;
    }
  return all;
}

const choiceOf = (event: Fields): Fields => ((event['choices'] as Fields[] | undefined) ?? [])[0] ?? {};
const deltaOf = (event: Fields): Fields => (choiceOf(event)['delta'] as Fields | undefined) ?? {};

describe('texts in the chunks of a chat', () => {
  it('of a chat are those that were said, whole before their choice ends, however they are cut', () => {
    const said = fc.record({
      choice: fc.nat(1),
      call: fc.option(fc.nat(1)),
      text: fc.string({ unit: fc.constantFrom('a', 'b', ' ') }),
    });
    fc.assert(
      fc.property(fc.array(said, { maxLength: 20 }), fc.boolean(), (pieces, saysLast) => {
        const stream = texts();
        const events = pieces.map(({ choice, call, text }) =>
          chunk(
            call === null ? { content: text } : { tool_calls: [{ index: call, function: { arguments: text } }] },
            null,
            choice,
          ),
        );
        const ends = [0, 1].map((index) => chunk(saysLast ? { content: 'last words' } : {}, 'stop', index));
        const out = gathered([...events, ...ends].flatMap((event) => stream.take(event)));
        for (const index of [0, 1]) {
          const own = pieces.filter(({ choice }) => choice === index);
          const content =
            own
              .filter(({ call }) => call === null)
              .map(({ text }) => text)
              .join('') + (saysLast ? 'last words' : '');
          expect(out[index]).toMatchObject({ content: content.toUpperCase(), over: true });
          for (const at of [0, 1]) {
            const args = own
              .filter(({ call }) => call === at)
              .map(({ text }) => text)
              .join('');
            expect(out[index]?.args[at] ?? '').toBe(args.toUpperCase());
          }
        }
        expect(stream.end()).toEqual([]);
      }),
    );
  });

  it('of a stream that breaks off are said at its end', () => {
    const stream = texts();
    expect(stream.take(chunk({ content: 'hello you' }))).toMatchObject([{ choices: [{ delta: { content: 'HELL' } }] }]);
    expect(stream.end()).toMatchObject([{ choices: [{ delta: { content: 'O YOU' }, finish_reason: null }] }]);
  });

  it('of legacy completions are changed too', () => {
    const stream = texts();
    const event = (text: string, finish_reason: string | null): Fields => ({ choices: [{ index: 0, text, finish_reason }] });
    const out = [event('hello ', null), event('you', 'stop')].flatMap((one) => stream.take(one));
    const choices = out.flatMap(({ choices: some }) => some as { text: string; finish_reason: string | null }[]);
    expect(choices.map(({ text }) => text).join('')).toBe('HELLO YOU');
    expect(choices.map(({ finish_reason }) => finish_reason)).toEqual([null, null, null, 'stop']);
  });

  it.each([
    ['content', (text: string) => ({ content: text }), (delta: Fields) => delta['content']],
    ['reasoning', (text: string) => ({ reasoning: text }), (delta: Fields) => delta['reasoning']],
    ['reasoning_content', (text: string) => ({ reasoning_content: text }), (delta: Fields) => delta['reasoning_content']],
    ['refusal', (text: string) => ({ refusal: text }), (delta: Fields) => delta['refusal']],
    ['a member that nobody knows', (text: string) => ({ user: text }), (delta: Fields) => delta['user']],
    ['text', (text: string) => ({ text }), (delta: Fields) => delta['text']],
    [
      'the transcript of sound',
      (text: string) => ({ audio: { id: 'a', transcript: text } }),
      (delta: Fields) => (delta['audio'] as Fields | undefined)?.['transcript'],
    ],
    [
      'a part',
      (text: string) => ({ content: [{ type: 'text', text }] }),
      (delta: Fields) => (delta['content'] as Fields[] | undefined)?.[0]?.['text'],
    ],
    ['a list', (text: string) => ({ content: [text] }), (delta: Fields) => (delta['content'] as string[] | undefined)?.[0]],
  ])('of a delta are pieces wherever they stand: %s', (_what, delta, read) => {
    const stream = texts();
    const out = [chunk(delta('hel')), chunk(delta('lo yo')), chunk(delta('u')), chunk({}, 'stop')].flatMap((one) =>
      stream.take(one),
    );
    expect(saidAt(out, (event) => read(deltaOf(event)))).toBe('HELLO YOU');
  });

  it('beside a delta are changed too', () => {
    const stream = texts();
    const [event] = stream.take({
      ...chunk({ content: '' }),
      choices: [{ index: 0, delta: { content: '' }, message: { content: 'one' }, content: 'two', finish_reason: null }],
      content: 'three',
    });
    expect(event).toMatchObject({ content: 'THREE', choices: [{ message: { content: 'ONE' }, content: 'TWO' }] });
  });

  it.each([{ delta: null }, { delta: {} }, { message: {} }, { delta: { content: '' } }])(
    'of a choice are pieces beside other members: %j',
    (further) => {
      const stream = texts();
      const event = (text: string, finish_reason: string | null): Fields => ({
        choices: [{ index: 0, ...further, text, finish_reason }],
      });
      const out = [event('hel', null), event('lo you', ''), event('', 'stop')].flatMap((one) => stream.take(one));
      expect(saidAt(out, (one) => choiceOf(one)['text'])).toBe('HELLO YOU');
      expect(choiceOf(out[1] ?? {})['text']).toBe('HELL');
    },
  );

  it('are pieces in chats beside which one choice is told whole', () => {
    const stream = texts();
    const event = (content: string, finish_reason: string | null): Fields => ({
      choices: [
        { index: 0, delta: { content }, finish_reason },
        { index: 1, message: { content: 'whole' } },
      ],
    });
    const out = [event('hello', null), event(' you', 'stop')].flatMap((one) => stream.take(one));
    expect(saidAt(out, (one) => deltaOf(one)['content'])).toBe('HELLO YOU');
  });
});
