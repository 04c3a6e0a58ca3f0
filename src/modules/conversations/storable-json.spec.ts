import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { storable } from './storable-json.js';

describe('storable', () => {
  it('leaves nothing that a jsonb column refuses, whatever the value', () => {
    const text = fc.string({ unit: fc.constantFrom('\0', '\ud800', '\udc00', '\ud83d\ude00', 'a', '\\u0000') });
    const value = fc
      .jsonValue()
      .chain((json) => fc.record({ json: fc.constant(json), text, inside: fc.array(fc.dictionary(text, text)) }));
    fc.assert(
      fc.property(value, (given) => {
        const json = JSON.stringify(storable(given));
        // JSON.stringify writes a half of a pair, and NUL, as an escape with one backslash.
        expect(json.replaceAll('\\\\', '')).not.toMatch(/\\u(0000|d[89a-f])/);
      }),
    );
  });

  it('keeps what may stay', () => {
    fc.assert(fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (given) => expect(storable(given)).toEqual(given)));
  });

  it('replaces the half alone, and NUL', () => {
    expect(storable({ 'k\0': ['a\ud800b', '\ud83d\ude00', '\udc00'] })).toEqual({
      'k\ufffd': ['a\ufffdb', '\ud83d\ude00', '\ufffd'],
    });
  });
});
