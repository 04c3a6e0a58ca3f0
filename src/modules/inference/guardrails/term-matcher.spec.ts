import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TermMatcher } from './term-matcher.js';

async function holds(terms: readonly string[], ...pieces: string[]): Promise<boolean> {
  const reading = (await TermMatcher.of(terms)).read();
  for (const piece of pieces) reading.push(piece);
  return reading.end();
}

describe('a blocked term', () => {
  it.each([
    ['bad', 'this is bad'],
    ['bad', 'BAD!'],
    ['bad', '"bad"'],
    ['bad idea', 'a bad \n\t idea'],
    ['Straße', 'die STRASSE'],
    ['café', 'cafe\u0301 noir'],
    ['bad', 'ｂａｄ'],
    ['bad', 'b\u00adad and b\u200bad'],
    ['c++', 'I write C++.'],
    ['禁止', '这是禁止的'],
    ['금지', '금지는'],
    ['größe', String.raw`{"a":"gr\u00f6\u00dfe"}`],
    ['bad', String.raw`{"a":"x\nbad"}`],
    ['😀', 'so 😀😀'],
    [' bad ', 'bad'],
  ])('%s stands in %s', async (term, text) => expect(await holds([term], text)).toBe(true));

  it.each([
    ['bad', 'badge and forbad'],
    ['bad', 'bad_name'],
    ['bad idea', 'bad ideas'],
    ['bad', 'ba d'],
    ['café', 'cafe'],
    ['\u200b', 'anything'],
    ['a', ''],
  ])('%s does not stand in %s', async (term, text) => expect(await holds([term], text)).toBe(false));

  it('is found however the text is cut, and whichever of many it is', async () => {
    const terms = Array.from({ length: 1_000 }, (_none, at) => `term number ${at} ends`);
    const text = 'it says that term number 678 ends here';
    for (let at = 0; at <= text.length; at += 1) expect(await holds(terms, text.slice(0, at), text.slice(at))).toBe(true);
    expect(await holds(terms, 'term number 6780 ends')).toBe(false);
  });

  it('is found wherever a plain search for words finds it', async () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 });
    const words = fc.array(word, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(words, { minLength: 1, maxLength: 5 }),
        fc.array(word, { maxLength: 30 }),
        async (terms, text) => {
          const expected = terms.some((term) => ` ${text.join(' ')} `.includes(` ${term.join(' ')} `));
          expect(
            await holds(
              terms.map((term) => term.join(' ')),
              text.join(' '),
            ),
          ).toBe(expected);
        },
      ),
    );
  });

  it.each([
    ['one letter', (length: number) => 'a'.repeat(length)],
    ['words that nearly are', (length: number) => 'a a a b '.repeat(length / 8)],
  ])('takes work that grows with the length alone: %s', async (_what, text) => {
    const terms = Array.from({ length: 100 }, (_none, at) => 'a '.repeat(at + 1) + 'c').concat('a'.repeat(200));
    const work = async (length: number): Promise<number> => {
      const matcher = await TermMatcher.of(terms);
      const before = matcher.looks;
      matcher.read().push(text(length));
      return matcher.looks - before;
    };
    const [once, twice] = [await work(64 * 1024), await work(128 * 1024)];
    expect(twice).toBeLessThan(2.1 * once);
    expect(once).toBeLessThan(10 * 64 * 1024);
  });
});
