import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnreadableVectorsError, vectorsOf } from './embedding-vectors.js';

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const vectors = fc
  .integer({ min: 1, max: 6 })
  .chain((length) => fc.array(fc.array(float, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 5 }));

function base64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, at) => bytes.writeFloatLE(value, at * 4));
  return bytes.toString('base64');
}

describe('the vectors of a reply', () => {
  it('are the same as numbers and as base64, in the order of the texts, however the provider orders them', () => {
    fc.assert(
      fc.property(vectors, fc.boolean(), (given, asBase64) => {
        const data = given.map((vector, index) => ({ index, embedding: asBase64 ? base64(vector) : vector })).reverse();
        expect(vectorsOf({ data }, given.length)).toEqual(given.map((vector) => Float32Array.from(vector)));
      }),
    );
  });

  it.each([
    ['no reply', undefined],
    ['no list', { data: {} }],
    ['one too few', { data: [{ index: 0, embedding: [1] }] }],
    [
      'one twice',
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 0, embedding: [1] },
        ],
      },
    ],
    ['an error beside them', { data: [{ embedding: [1] }, { embedding: [1] }], error: { message: 'overloaded' } }],
    ['an empty one', { data: [{ embedding: [] }, { embedding: [] }] }],
    ['different lengths', { data: [{ embedding: [1] }, { embedding: [1, 2] }] }],
    ['what is no number', { data: [{ embedding: [1] }, { embedding: ['x'] }] }],
    ['null in place of a number', { data: [{ embedding: [1] }, { embedding: [Number.NaN] }] }],
    ['half a number', { data: [{ embedding: 'AAAA' }, { embedding: 'AAAA' }] }],
  ])('are refused when there is %s', (_what, reply) => {
    expect(() => vectorsOf(reply, 2)).toThrow(UnreadableVectorsError);
  });
});
