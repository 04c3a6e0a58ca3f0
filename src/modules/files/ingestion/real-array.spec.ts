import { describe, expect, it } from '@jest/globals';
import { realArray } from './real-array.js';

describe('numbers of vectors for Postgres', () => {
  it('are one row of real numbers, each with its length', () => {
    const bytes = realArray([Float32Array.of(1.5, -2), Float32Array.of(0.25, 1e30)]);
    expect([0, 4, 8, 12, 16].map((at) => bytes.readInt32BE(at))).toEqual([1, 0, 700, 4, 1]);
    const numbers = [0, 1, 2, 3].map((place) => [bytes.readInt32BE(20 + 8 * place), bytes.readFloatBE(24 + 8 * place)]);
    expect(numbers).toEqual([1.5, -2, 0.25, Math.fround(1e30)].map((number) => [4, number]));
    expect(bytes).toHaveLength(20 + 4 * 8);
  });

  it('are no row where there are none', () => {
    expect(realArray([]).equals(Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 188]))).toBe(true);
  });
});
