import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { signBits } from '../vector-bytes.js';
import { rowBytes } from './bits/distances.js';
import { Question } from './question.js';

const numbers = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 });

describe('a question', () => {
  it("multiplies with a row's signs as numbers of 0 and 1", () => {
    fc.assert(
      fc.property(numbers, fc.infiniteStream(fc.boolean()), fc.nat(3), (values, signs, place) => {
        const row = Float32Array.from(values, () => (signs.next().value === true ? 1 : -1));
        const length = rowBytes(values.length);
        const bits = new Uint8Array(4 * length);
        bits.set(signBits(row), place * length);
        const expected = values.reduce((sum, value, at) => sum + ((row[at] ?? 0) > 0 ? value : 0), 0);
        expect(new Question(Float32Array.from(values)).productWith(bits, place * length)).toBeCloseTo(expected, 3);
      }),
    );
  });
});
