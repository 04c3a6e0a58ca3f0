import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyNumber, exactText } from '../../../../test/support/json-arbitraries.js';
import { atOnce } from '../../../kernel/steps.js';
import { holdsKept, numberOf, plainOf, printExact, printInSteps, readExact } from './exact-json.js';

const read = (text: string): unknown => readExact(Buffer.from(text), JSON.parse(text));

describe('exact JSON', () => {
  it('is printed byte for byte as it was read, whatever its numbers', () => {
    fc.assert(fc.property(exactText, (text) => expect(printExact(read(text))).toBe(text)));
  });

  it('is printed alike in steps', () => {
    const members = fc.dictionary(
      fc.string(),
      fc.oneof(
        exactText,
        fc.array(exactText, { maxLength: 250 }).map((all) => `[${all}]`),
      ),
    );
    fc.assert(
      fc.property(members, (texts) => {
        const fields = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, read(text)]));
        expect(atOnce(printInSteps(fields)).toString('utf8')).toBe(printExact(fields));
      }),
    );
    expect(atOnce(printInSteps({ left: undefined, list: [], next: [undefined] })).toString('utf8')).toBe(
      '{"list":[],"next":[null]}',
    );
  });

  it('says what JSON.parse says to whoever asks for plain numbers', () => {
    fc.assert(fc.property(exactText, (text) => expect(plainOf(read(text))).toEqual(JSON.parse(text))));
  });

  it('keeps only numbers that would be printed in another way', () => {
    fc.assert(
      fc.property(anyNumber, (number) => {
        const value = read(`[${number}]`) as unknown[];
        expect(holdsKept(value)).toBe(JSON.stringify([Number(number)]) !== `[${number}]`);
        expect(numberOf(value[0])).toBe(Number(number));
      }),
    );
  });

  it('takes no text for a number', () => {
    const text = '["1.0","-","\\"1.0",{"1.0":"\\\\"},1.0]';
    const value = read(text) as unknown[];
    expect(value.slice(0, 4)).toEqual(['1.0', '-', '"1.0', { '1.0': '\\' }]);
    expect([printExact(value), numberOf(value[0]), numberOf(value[4])]).toEqual([text, undefined, 1]);
  });
});
