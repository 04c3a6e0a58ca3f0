import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choices, jsonValue, printSpaced } from '../../../../test/support/json-arbitraries.js';
import { elementsSplit } from './json-elements.js';

describe('elementsSplit', () => {
  it('gives the first elements and the others, whatever the blanks', () => {
    fc.assert(
      fc.property(fc.array(jsonValue, { maxLength: 5 }), fc.nat(6), choices, (list, count, draws) => {
        const text = printSpaced(list, draws);
        const start = text.indexOf('[');
        const bytes = Buffer.from(text);
        const { head, tail } = elementsSplit(bytes, start, bytes.lastIndexOf(']') + 1, count);
        expect(JSON.parse(`[${head.toString()}]`)).toEqual(list.slice(0, count));
        expect(JSON.parse(`[${tail.toString()}]`)).toEqual(list.slice(count));
      }),
    );
  });
});
