import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { endsOfRun, packedTexts, placesOfRun } from './packed-texts.js';

describe('packed texts', () => {
  it('give each run of them without the others', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(texts, fc.nat(), fc.nat(), (given, a, b) => {
        const from = a % given.length;
        const to = from + 1 + (b % (given.length - from));
        const packed = packedTexts(given);
        const { start, length } = endsOfRun(from, to);
        const places = placesOfRun(Uint8Array.from(packed.ends.subarray(start, start + length)), from);
        expect(places.map((place) => packed.texts.toString('utf8', place.start, place.end))).toEqual(given.slice(from, to));
      }),
    );
  });
});
