import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { charactersOf } from './json-characters.js';

const count = (json: string): number => {
  const bytes = Buffer.from(` ${json} `);
  return charactersOf(bytes, 1, bytes.length - 1);
};

describe('the characters of a JSON string', () => {
  it('are the code points of what it says, however it is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
        expect([count(JSON.stringify(text)), count(`"${escaped}"`)]).toEqual([[...text].length, [...text].length]);
      }),
    );
  });

  it.each([
    ['""', 0],
    ['"a\\n\\"b"', 4],
    ['"ü😀"', 2],
    ['"\\ud83d\\ude00"', 1],
  ])('of %s are %i', (json, characters) => expect(count(json)).toBe(characters));
});
