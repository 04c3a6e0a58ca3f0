import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fields } from '../../../kernel/fields.js';
import { EventTexts, type TextFilter } from './event-texts.js';

/** Holds back the last five characters of a text, and says the rest in capitals. */
class Slow implements TextFilter {
  private held = '';

  push(piece: string): string {
    const text = this.held + piece;
    this.held = text.slice(-5);
    return text.slice(0, -5).toUpperCase();
  }

  end(): string {
    return this.held.toUpperCase();
  }
}

const texts = (): EventTexts => new EventTexts(() => new Slow(), true);
const chunk = (delta: object, finish_reason: string | null = null, index = 0): Fields => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  choices: [{ index, delta, finish_reason }],
});

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

describe('texts in events', () => {
  it('are so many at once as are named in a megabyte, and nothing else of their events is kept', () => {
    const typed = (item_id: string) => ({ type: 'response.output_text.delta', item_id, delta: 'abc' });
    for (const event of [(at: number) => typed(`i${at}`), (at: number) => chunk({ content: 'abc' }, null, at)]) {
      const stream = texts();
      const say = (count: number): void => {
        for (let at = 0; at < count; at += 1) stream.take(event(at));
      };
      say(1000);
      expect(stream.end().length).toBe(1000);
      say(1000);
      expect(() => say(10_000)).toThrow(expect.objectContaining({ code: 'upstream_error' }));
    }
    expect(() => texts().take(typed('i'.repeat(2 * 1024 * 1024)))).toThrow(expect.objectContaining({ code: 'upstream_error' }));
  });

  it.each([
    ['a delta', (named: unknown) => chunk(named as object)],
    ['a call in a delta', (named: unknown) => chunk({ tool_calls: [{ index: 0, function: named }] })],
    ['a typed event', (named: unknown) => ({ type: 'response.output_text.delta', delta: named })],
  ])('may stand in members of %s that are named as those of all objects', (_place, event) => {
    const stream = texts();
    const named = JSON.parse('{"__proto__":{"shared":"abc"},"constructor":{"prototype":{"shared":"def"}}}') as unknown;
    const said = [...stream.take(event(named) as Fields), ...stream.end()];
    expect('shared' in {}).toBe(false);
    expect(JSON.stringify(said.at(-1))).toContain('"__proto__":{"shared":"ABC"},"constructor":{"prototype":{"shared":"DEF"}}');
  });

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

  it('of typed events are whole before the event that ends them, which says them whole', () => {
    const stream = texts();
    const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const delta = (text: string): Fields => ({
      type: 'response.output_text.delta',
      ...place,
      delta: text,
      logprobs: [{ token: text }],
    });
    const done: Fields = { type: 'response.output_text.done', ...place, text: 'hello you', logprobs: [] };
    const out = [delta('hel'), delta('lo you'), done].flatMap((one) => stream.take(one));
    expect(out.map(({ type }) => String(type).split('.').at(-1))).toEqual(['delta', 'delta', 'delta', 'done']);
    expect(out.map((event) => event['delta'] ?? '').join('')).toBe('HELLO YOU');
    expect(out[0]).toMatchObject({ logprobs: [] });
    expect(out.at(-1)).toMatchObject({ text: 'HELLO YOU' });
  });

  it('leave names, ids and what a response repeats of its request alone', () => {
    const response = {
      object: 'response',
      instructions: 'say it',
      output: [{ id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'look_up', arguments: '{"a":"b"}' }],
    };
    const [event] = texts().take({ type: 'response.completed', response });
    expect(event).toEqual({
      type: 'response.completed',
      response: { ...response, output: [{ ...response.output[0], arguments: '{"A":"B"}' }] },
    });
    expect(
      texts().whole({ id: 'x', model: 'm', choices: [{ message: { role: 'assistant', content: 'hi' }, logprobs: {} }] }),
    ).toEqual({
      id: 'x',
      model: 'm',
      choices: [{ message: { role: 'assistant', content: 'HI' }, logprobs: null }],
    });
  });

  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };

  /** All that stands at a place, over all events. */
  const saidAt = (events: readonly Fields[], read: (event: Fields) => unknown): string =>
    events.map((event) => (read(event) as string | undefined) ?? '').join('');
  const choiceOf = (event: Fields): Fields => ((event['choices'] as Fields[] | undefined) ?? [])[0] ?? {};
  const deltaOf = (event: Fields): Fields => (choiceOf(event)['delta'] as Fields | undefined) ?? {};

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

  it.each([{}, { choices: [] }, { type: 'response.output_text.delta', choices: [] }])(
    'of a delta beside no choice are pieces: %j',
    (head) => {
      const stream = texts();
      const events = ['hel', 'lo you'].map((delta): Fields => ({ ...head, ...place, delta }));
      const out = [...events.flatMap((one) => stream.take(one)), ...stream.end()];
      expect(out.map(({ delta }) => delta)).toEqual(['', 'HELL', 'O YOU']);
    },
  );

  it('of typed events that none ends are whole before the place or the response ends', () => {
    const delta = (output_index: number): Fields => ({
      type: 'response.output_text.delta',
      item_id: `msg_${output_index}`,
      output_index,
      delta: 'hello you',
    });
    const stream = texts();
    stream.take(delta(0));
    stream.take(delta(1));
    const [first, done] = stream.take({ type: 'response.output_item.done', output_index: 0, item: {} });
    expect(first).toEqual({ type: 'response.output_text.delta', item_id: 'msg_0', output_index: 0, delta: 'O YOU' });
    expect(done).toMatchObject({ type: 'response.output_item.done' });
    const [second, end] = stream.take({ type: 'response.completed', response: { object: 'response', output: [] } });
    expect(second).toMatchObject({ item_id: 'msg_1', delta: 'O YOU' });
    expect(end).toMatchObject({ type: 'response.completed' });
  });

  it('of a delta that is an object are pieces', () => {
    const stream = texts();
    const delta = (text: string): Fields => ({ type: 'response.reasoning.delta', output_index: 0, delta: { text } });
    const out = [delta('hel'), delta('lo you'), { type: 'response.reasoning.done', output_index: 0 }].flatMap((one) =>
      stream.take(one),
    );
    expect(saidAt(out, (event) => (event['delta'] as Fields | undefined)?.['text'])).toBe('HELLO YOU');
  });

  it('of a response are changed but for what it repeats of its request', () => {
    const response = {
      object: 'response',
      id: 'resp_1',
      status: 'failed',
      error: { message: 'why' },
      output_text: 'said',
      tools: [{ type: 'function', description: 'asked' }],
      output: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'thought' }], encrypted_content: 'sealed' }],
    };
    const [event] = texts().take({ type: 'response.completed', note: 'beside', response });
    expect(event).toEqual({
      type: 'response.completed',
      note: 'BESIDE',
      response: {
        ...response,
        error: { message: 'WHY' },
        output_text: 'SAID',
        output: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'THOUGHT' }], encrypted_content: 'sealed' }],
      },
    });
  });

  it('leave sound as it is', () => {
    const event = { type: 'response.audio.delta', delta: 'abcdefgh' };
    expect(texts().take(event)).toEqual([event]);
  });

  it('leave pictures as they are, and not what tools say besides', () => {
    const picture = { type: 'image_generation_call', result: 'abcdef', revised_prompt: 'a cat' };
    const done = { type: 'response.output_item.done', output_index: 0, item: picture };
    expect(texts().take(done)).toEqual([{ ...done, item: { ...picture, revised_prompt: 'A CAT' } }]);
    const partial = { type: 'response.image_generation_call.partial_image', output_index: 0, partial_image_b64: 'abcdef' };
    expect(texts().take(partial)).toEqual([partial]);
    expect(texts().take({ type: 'other', item: { type: 'tool', result: 'said' } })).toEqual([
      { type: 'other', item: { type: 'tool', result: 'SAID' } },
    ]);
  });
});
