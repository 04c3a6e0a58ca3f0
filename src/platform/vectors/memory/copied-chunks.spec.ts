import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readVectorBytes, vectorBytes } from '../vector-bytes.js';
import { CopiedChunks } from './copied-chunks.js';

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function field(content: Buffer | null): Buffer {
  return content === null ? int32(-1) : Buffer.concat([int32(content.length), content]);
}

function vectorField(vector: readonly number[] | null): Buffer {
  if (vector === null) return field(null);
  const floats = vector.map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatBE(value);
    return field(bytes);
  });
  return field(Buffer.concat([int32(1), int32(0), int32(700), int32(vector.length), int32(1), ...floats]));
}

/** The last is whether the vector stands as bytes. */
type Row = readonly [string, number, readonly number[] | null, boolean];

/** What Postgres sends for these rows: signature, flags, no extension; the rows; the trailer. */
function copied(rows: readonly Row[]): Buffer {
  const head = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), int32(0), int32(0)]);
  const body = rows.map(([key, ordinal, vector, isBytes]) => {
    const bytes = isBytes && vector !== null ? vectorBytes(Float32Array.from(vector)) : null;
    const array = bytes === null ? vector : null;
    return Buffer.concat([Buffer.from([0, 4]), field(Buffer.from(key)), field(int32(ordinal)), field(bytes), vectorField(array)]);
  });
  return Buffer.concat([head, ...body, Buffer.from([0xff, 0xff])]);
}

const row = fc.tuple(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.nat(),
  fc.option(fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 5 })),
  fc.boolean(),
);

describe('copied chunks', () => {
  it('are read whole, however the bytes were cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), fc.integer({ min: 1, max: 64 }), (rows, piece) => {
        const found: [string, number, number[]][] = [];
        const chunks = new CopiedChunks((key, ordinal, stored, numbers) => {
          const vector = new Float32Array((stored?.length ?? 0) / 4);
          if (stored !== undefined) readVectorBytes(stored, 0, vector);
          found.push([key, ordinal, [...(stored === undefined ? numbers : vector)]]);
        });
        const bytes = copied(rows);
        for (let at = 0; at < bytes.length; at += piece) chunks.push(bytes.subarray(at, at + piece));
        expect(found).toEqual(rows.filter(([, , vector]) => vector !== null).map((all) => all.slice(0, 3)));
      }),
    );
  });
});
