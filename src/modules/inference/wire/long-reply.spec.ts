import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choices, printSpaced, trickyText } from '../../../../test/support/json-arbitraries.js';
import { AppError } from '../../../kernel/app-error.js';
import { vectorToBase64, type EmbeddingEncoding } from './embeddings-encoding.js';
import { LongReply } from './long-reply.js';

function run(text: string, cut: number, member = 'choices', encoding?: EmbeddingEncoding) {
  const flow = new LongReply('assistant', member, encoding);
  const bytes = Buffer.from(text);
  const sent: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += cut) sent.push(flow.push(Buffer.from(bytes.subarray(at, at + cut))));
  const usage = flow.end();
  return { text: Buffer.concat(sent).toString(), usage };
}

const reply = fc.record({
  id: trickyText,
  model: fc.constantFrom<unknown>('provider-x', 'a"b\\', null, 7, { model: 'provider-x' }),
  choices: fc.array(
    fc.record({
      index: fc.nat(3),
      message: fc.record({ role: trickyText, content: trickyText, model: trickyText, error: trickyText }),
      finish_reason: fc.constantFrom('stop', null),
      error: fc.constantFrom<unknown>(null, '', {}),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  usage: fc.constantFrom<unknown>({ prompt_tokens: 3, completion_tokens: 4 }, null),
  error: fc.constantFrom<unknown>(null, '', {}, false),
  extra: fc.constantFrom<unknown>([1.5e-3, [true]], 'x', { usage: { prompt_tokens: 9 } }, '{"error":"x"}'),
});

describe('a long reply', () => {
  it('is passed on with the published name, however it is cut', () => {
    fc.assert(
      fc.property(reply, choices, fc.integer({ min: 1, max: 30 }), (object, draws, cut) => {
        const { text, usage } = run(printSpaced(object, draws), cut);
        expect(JSON.parse(text)).toEqual({ ...object, model: typeof object.model === 'string' ? 'assistant' : object.model });
        expect(usage?.totalTokens).toBe(object.usage === null ? undefined : 7);
      }),
      { numRuns: 500 },
    );
  });

  it('gives vectors the asked encoding', () => {
    const vectors = [
      [0.5, -1.25],
      [3, 4e-3],
    ];
    const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
    const encoded = data.map((item) => ({ ...item, embedding: vectorToBase64(item.embedding) }));
    const wrap = (items: object[]) => JSON.stringify({ object: 'list', data: items, model: 'm', usage: { prompt_tokens: 1 } });
    for (const cut of [1, 7, 1_000]) {
      expect(JSON.parse(run(wrap(data), cut, 'data', 'base64').text)).toMatchObject({ data: encoded, model: 'assistant' });
      expect(JSON.parse(run(wrap(data), cut, 'data', 'float').text)).toMatchObject({ data });
      const back = JSON.parse(run(wrap(encoded), cut, 'data', 'float').text) as { data: { embedding: number[] }[] };
      expect(back.data.map(({ embedding }) => embedding.map((value) => Math.fround(value)))).toEqual(
        vectors.map((vector) => vector.map((value) => Math.fround(value))),
      );
    }
  });

  it('has begun with the first element of what was asked for', () => {
    const flow = new LongReply('assistant', 'choices');
    flow.push(Buffer.from('{"model":"m","other":[1],"choices": ['));
    expect(flow.begun).toBe(false);
    flow.push(Buffer.from(' {'));
    expect(flow.begun).toBe(true);
  });

  it.each([
    '{"choices":[{"message":{}}],"error":{"message":"at http://host"}}',
    '{"choices":[{"message":{}}],"object":"error"}',
    '{"choices":[{"message":{},"finish_reason":"error"}]}',
    '{"choices":[{"message":{},"error":"at http://host"}]}',
    '{"choices":[]}',
    '{"choices":null}',
    '{"hello":"world"}',
    '{"choices":[{}]',
    '{"choices":[{}}}',
    '{"choices":[{}]}{',
    '[1]',
    '<html>',
    '',
  ])('is no answer: %s', (text) => {
    for (const cut of [1, 5, 1_000]) {
      const flow = new LongReply('assistant', 'choices');
      const sent: Buffer[] = [];
      const all = (): void => {
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length; at += cut) sent.push(flow.push(bytes.subarray(at, at + cut)));
        flow.end();
      };
      expect(all).toThrow(AppError);
      expect(Buffer.concat(sent).toString()).not.toContain('host');
    }
  });
});
