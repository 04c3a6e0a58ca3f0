import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mostBits, PlainDistances, rowBytes, SimdDistances } from './distances.js';

const sets = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(60)).chain(([units, count]) =>
  fc.record({
    question: fc.uint8Array({ minLength: 16 * units, maxLength: 16 * units }),
    rows: fc.uint8Array({ minLength: 16 * units * count, maxLength: 16 * units * count }),
    count: fc.constant(count),
  }),
);

/** The same bit by bit. */
function counted(rows: Uint8Array, count: number, question: Uint8Array): number[] {
  return Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let at = 0; at < 8 * question.length; at += 1) {
      const bit = (bytes: Uint8Array, from: number): number => ((bytes[from + (at >> 3)] ?? 0) >> (at & 7)) & 1;
      sum += bit(rows, row * question.length) ^ bit(question, 0);
    }
    return sum;
  });
}

describe('the distances of rows of bits', () => {
  it('are how many bits differ, by vector instructions and by plain code', () => {
    const [simd, plain] = [new SimdDistances(), new PlainDistances()];
    fc.assert(
      fc.property(sets, ({ rows, count, question }) => {
        const expected = counted(rows, count, question);
        expect([...simd.of(rows, count, question).subarray(0, count)]).toEqual(expected);
        expect([...plain.of(rows, count, question).subarray(0, count)]).toEqual(expected);
      }),
    );
  });

  it.each([[1_536], [3_072], [mostBits]])('agree over more rows of %i bits than the module holds at once', (bits) => {
    const length = rowBytes(bits);
    const count = Math.ceil(700_000 / length);
    let state = 7;
    const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
    const rows = new Uint8Array(count * length).map(next);
    const question = new Uint8Array(length).map(next);
    rows.fill(0xff, 0, length);
    question.fill(0, 0, 16);
    const simd = new SimdDistances().of(rows, count, question).slice(0, count);
    expect(simd).toEqual(new PlainDistances().of(rows, count, question).slice(0, count));
    expect(simd[0]).toBe(8 * length - question.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0));
  });
});
