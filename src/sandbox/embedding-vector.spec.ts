import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { textVector, tokenVector } from './embedding-vector.js';

function cosine(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, component, index) => sum + component * (other[index] ?? 0), 0);
}

describe('sandbox embeddings', () => {
  it('have length one for every text and every number of dimensions', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 600 }), (text, dimensions) => {
        const vector = textVector(text, dimensions);
        expect(vector).toHaveLength(dimensions);
        expect(cosine(vector, vector)).toBeCloseTo(1, 4);
      }),
    );
  });

  it('are alike in the measure of shared words', () => {
    const question = textVector('how many days of holiday do I have', 256);
    const near = cosine(question, textVector('You have thirty days of holiday.', 256));
    const far = cosine(question, textVector('The printer needs new toner', 256));
    expect(near).toBeGreaterThan(0.4);
    expect(Math.abs(far)).toBeLessThan(0.2);
  });

  it('do not see case and punctuation', () => {
    expect(textVector('Hello, WORLD!', 64)).toEqual(textVector('hello world', 64));
  });

  it('of token ids are alike in the measure of shared ids', () => {
    const vector = tokenVector([1, 2, 3, 4], 256);
    expect(cosine(vector, tokenVector([4, 3, 2, 1], 256))).toBeCloseTo(1, 4);
    expect(cosine(vector, tokenVector([1, 2, 30, 40], 256))).toBeGreaterThan(0.3);
    expect(cosine(vector, tokenVector([50, 60, 70, 80], 256))).toBeLessThan(0.3);
  });
});
