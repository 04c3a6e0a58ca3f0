import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonText } from './json-text.js';

describe('JSON text', () => {
  it('means the same with and without spaces', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(jsonText(value, true))).toEqual(JSON.parse(jsonText(value, false)));
      }),
    );
  });

  it('is spaced as Python spaces it, absent members left out', () => {
    expect(jsonText({ a: [1, 'x:y'], b: undefined, c: null }, true)).toBe('{"a": [1, "x:y"], "c": null}');
  });
});
