import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { storable } from '../../platform/journal/record-columns.js';
import { cleanData, cleanText, type Told } from './told-texts.js';

const told: Told = {
  names: new Map([
    ['ftjob-of-theirs', 'ftjob_ours'],
    ['file-of-theirs', null],
  ]),
  baseModel: 'their-model',
  model: 'fast',
  secrets: ['a-long-secret'],
};
/** Beyond every length at which a text is cut, with characters of two halves at all of them. */
const long = fc.nat(1).map((at) => 'x'.repeat(at) + '😀'.repeat(700));
const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\0', 'a\0b', '\ud83d', '\ude00x'), long);

describe('what a provider tells', () => {
  it('has our names in the place of theirs', () => {
    expect(cleanText('Job ftjob-of-theirs read file-of-theirs for their-model', told)).toBe(
      'Job ftjob_ours read [removed] for fast',
    );
  });

  it('can be stored, whatever it is', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const clean = cleanText(text, told);
        expect(storable(clean)).toBe(clean);
      }),
    );
  });

  it('can be stored as figures', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'loss_1'), hostile), (data) => {
        for (const value of Object.values(cleanData({ ...data, inner: data }, told)))
          for (const text of typeof value === 'string' ? [value] : Object.values(value as object).map(String))
            expect(storable(text)).toBe(text);
      }),
    );
  });
});
