import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readVectorBytes, signBits, vectorBytes } from './vector-bytes.js';

const vector = fc.array(fc.float({ noNaN: true }), { maxLength: 40 }).map((values) => Float32Array.from(values));

describe('the bytes of a vector', () => {
  it('are float32, little endian, and give the same numbers again wherever they stand', () => {
    fc.assert(
      fc.property(vector, fc.nat(5), (values, at) => {
        const bytes = Buffer.concat([Buffer.alloc(at), vectorBytes(values)]);
        values.forEach((value, index) => expect(bytes.readFloatLE(at + 4 * index)).toBe(value));
        const read = new Float32Array(values.length);
        readVectorBytes(bytes, at, read);
        expect(read).toEqual(values);
      }),
    );
  });

  it('of a part of a larger buffer are that part', () => {
    expect([...vectorBytes(Float32Array.from([1, 2, 3]).subarray(1, 2))]).toEqual([0, 0, 0, 64]);
  });

  it('have a bit for each number above zero', () => {
    fc.assert(
      fc.property(vector, (values) => {
        const bits = signBits(values);
        expect(bits).toHaveLength(Math.ceil(values.length / 8));
        values.forEach((value, at) => expect(((bits[at >> 3] ?? 0) >> (at & 7)) & 1).toBe(value > 0 ? 1 : 0));
      }),
    );
  });
});
