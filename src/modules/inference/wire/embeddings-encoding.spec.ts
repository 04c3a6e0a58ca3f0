import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { base64ToVector, encodeEmbeddings, vectorToBase64 } from './embeddings-encoding.js';

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));
const vectors = fc.array(fc.array(float32, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 });

function reply(embeddings: readonly unknown[]): Buffer {
  const data = embeddings.map((embedding, index) => ({ object: 'embedding', index, embedding }));
  return Buffer.from(JSON.stringify({ object: 'list', data, model: 'm', usage: { prompt_tokens: 1, total_tokens: 1 } }, null, 1));
}

function encodeByHand(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  vector.forEach((value, index) => view.setFloat32(index * 4, value, true));
  return Buffer.from(view.buffer).toString('base64');
}

describe('encodeEmbeddings', () => {
  it('turns either encoding into the asked one', () => {
    fc.assert(
      fc.property(vectors, (all) => {
        const floats = reply(all);
        const texts = reply(all.map(encodeByHand));
        expect(JSON.parse(encodeEmbeddings(floats, 'base64').toString())).toEqual(JSON.parse(texts.toString()));
        expect(JSON.parse(encodeEmbeddings(texts, 'float').toString())).toEqual(JSON.parse(floats.toString()));
      }),
    );
  });

  it('returns the same bytes when the encoding fits already, or when there is nothing to encode', () => {
    const floats = reply([[1, 2]]);
    const texts = reply(['AACAPw==']);
    const none = reply([]);
    expect(encodeEmbeddings(floats, 'float')).toBe(floats);
    expect(encodeEmbeddings(texts, 'base64')).toBe(texts);
    expect(encodeEmbeddings(none, 'base64')).toBe(none);
    const strange = Buffer.from('{"data":[1],"embedding":"x"}');
    expect(encodeEmbeddings(strange, 'float')).toBe(strange);
  });

  it('keeps the other members of a reply and of its items', () => {
    const bytes = Buffer.from('{"x":1.0,"data":[{"index":0,"note":"n","embedding":[1]}],"usage":{"a":1}}');
    expect(encodeEmbeddings(bytes, 'base64').toString()).toBe(
      '{"x":1.0,"data":[{"index":0,"note":"n","embedding":"AACAPw=="}],"usage":{"a":1}}',
    );
  });

  it.each([
    ['no JSON', Buffer.from('oops'), 'float' as const],
    ['a text that is no base64', reply(['%%%%']), 'float' as const],
    ['a text that is cut off', reply(['AACAPwA=']), 'float' as const],
    ['words for numbers', reply([['one']]), 'base64' as const],
    ['a number past float32', reply([[1e300]]), 'base64' as const],
    ['a broken vector', Buffer.from('{"data":[{"embedding":[1,]}]}'), 'base64' as const],
  ])('is an upstream error for %s', (_, bytes, asked) => {
    expect(() => encodeEmbeddings(bytes, asked)).toThrow(expect.objectContaining({ code: 'upstream_error' }));
  });

  it('reads and writes little-endian float32', () => {
    expect(vectorToBase64([1, -2.5])).toBe('AACAPwAAIMA=');
    expect(base64ToVector('AACAPwAAIMA=')).toEqual([1, -2.5]);
    expect(() => base64ToVector(vectorToBase64([]) + 'AADAfw==')).toThrow('provider');
  });
});
