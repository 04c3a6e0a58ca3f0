import { describe, expect, it } from '@jest/globals';
import { chunk, saidAt, texts } from '../../../../test/support/event-texts.js';
import type { Fields } from '../../../kernel/fields.js';

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
