import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CitationMarks, type CitationMark } from './citation-marks.js';

function marksOf(...pieces: string[]): CitationMark[] {
  const marks = new CitationMarks();
  return pieces.flatMap((piece) => marks.push(piece));
}

const numbersIn = (text: string): number[][] => marksOf(text).map(({ numbers }) => [...numbers]);

/** Texts full of what marks and code are made of. */
const text = fc
  .array(fc.constantFrom('[', ']', '1', '23', ', ', ',', '`', '```', '\n', 'a', '😀', '\ud83d', '[1]', '[4, 5]'), {
    maxLength: 40,
  })
  .map((parts) => parts.join(''));

describe('the marks of a text', () => {
  it('are the same however the text comes in pieces', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(60), { maxLength: 8 }), (whole, cuts) => {
        const ends = [...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
        const pieces = ends.map((end, at) => whole.slice(ends[at - 1] ?? 0, end));
        expect(marksOf(...pieces)).toEqual(marksOf(whole));
      }),
      { numRuns: 2_000 },
    );
  });

  it('begin where they stand, in characters', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const characters = [...whole];
        for (const { at, numbers } of marksOf(whole)) {
          const rest = characters.slice(at).join('');
          const said = /^\[([\d, ]+)\]/.exec(rest)?.[1] ?? '';
          expect([...new Set(said.split(',').map(Number))]).toEqual(numbers);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('name one quotation or several', () => {
    expect(marksOf('Gold[1] and 😀 silver [2, 3][4].')).toEqual([
      { at: 4, numbers: [1] },
      { at: 21, numbers: [2, 3] },
      { at: 27, numbers: [4] },
    ]);
    expect(numbersIn('[1,2] [7, 7] [[8]] [9](https://nine.example)')).toEqual([[1, 2], [7], [8], [9]]);
  });

  it.each(['[]', '[1', '[a]', '[1 2]', '[ 1]', '[1, ]', '[1234]', '[-1]', '[1.5]', '[^1]', '[1\n]', `[${'1, '.repeat(40)}1]`])(
    'are not what only looks like one: %j',
    (looking) => expect(numbersIn(looking)).toEqual([]),
  );

  it('are none in code, and are marks again behind it', () => {
    expect(numbersIn('`list[1]` [2]')).toEqual([[2]]);
    expect(numbersIn('``a`b[1]`` [2]')).toEqual([[2]]);
    expect(numbersIn('```js\nlist[1]\n`x`[3]\n```\n[2]')).toEqual([[2]]);
    expect(numbersIn('it`s [1]\nand [2]')).toEqual([[2]]);
  });

  it('cost the same for every character, whatever the text', () => {
    const marks = new CitationMarks();
    for (let at = 0; at < 200; at += 1) expect(marks.push('[1, '.repeat(5_000))).toEqual([]);
  });
});
