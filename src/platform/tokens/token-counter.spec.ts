import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { loadTokenCounter, type TokenCounter } from './token-counter.js';

let counter: TokenCounter;
beforeAll(async () => {
  counter = await loadTokenCounter();
}, 60_000);

const exact = (text: string): number => countTokens(text, { disallowedSpecial: new Set() });

const word = fc.oneof(
  fc.constantFrom(
    'the',
    "don't",
    "we'll",
    'Straße',
    'naïve',
    'Ελλάδα',
    'привет',
    '日本語',
    'ภาษาไทย',
    '한국어',
    '👩‍👩‍👧',
    '1234567',
    '<|endoftext|>',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
);
const gap = fc.constantFrom(' ', ' ', ' ', '\n', '\n\n', '\r\n', '\t', '  ', ', ', '. ', '/', '-', '');
/** Words and what stands between them, none of it repeated into one long run. */
const ordinaryText = fc
  .array(fc.tuple(word, gap), { maxLength: 60 })
  .map((pairs) => pairs.flat().join(''))
  .filter((text) => !/(\p{L}|\p{M}|\p{N}){100}|[^\s\p{L}\p{N}]{100}|\s{100}/u.test(text));

/** One run without any break: letters, ideographs, punctuation or blanks. */
const longRun = fc
  .tuple(
    fc.constantFrom('a', 'A', 'abcdefghij', 'aB', '日', '日本国憲法', '!', '!?', '-', '_', '=', ' ', '\n', '😀', '中a', 'é'),
    fc.integer({ min: 200, max: 1_500 }),
  )
  .map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length)));

describe('the count of tokens', () => {
  it('is that of the encoding for ordinary texts, in windows too', () => {
    fc.assert(
      fc.property(ordinaryText, (text) => expect(counter.count(text)).toBe(exact(text))),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.array(ordinaryText, { minLength: 40, maxLength: 60 }), (texts) => {
        const text = texts.join(" it's ").repeat(3);
        expect(counter.count(text)).toBe(exact(text));
      }),
      { numRuns: 20 },
    );
  });

  it('differs for one endless run by no more than two for each piece of 128 characters', () => {
    fc.assert(
      fc.property(longRun, (text) => {
        const cuts = Math.ceil(text.length / 127);
        expect(Math.abs(counter.count(text) - exact(text))).toBeLessThanOrEqual(2 * cuts);
      }),
      { numRuns: 100 },
    );
  });

  it.each(['a', 'A', '日', '!', ' ', '7', '😀', "'s"])('takes work in proportion to the length of one run: %s', (unit) => {
    const run = unit.repeat(4_000_000 / unit.length);
    let looks = 0;
    const { tokens, length } = counter.countUntil(run, () => {
      looks += 1;
      return false;
    });
    // No more than 128 characters lie between two runs, and a look comes after 256 runs: that bounds each step.
    expect(length).toBe(run.length);
    expect(looks).toBeGreaterThanOrEqual(Math.floor(run.length / (128 * 256)));
    expect(tokens).toBeGreaterThan(0);
  });

  it('stops where it is told to, and says how far it came', () => {
    const text = 'some words '.repeat(10_000);
    const { tokens, length } = counter.countUntil(text, () => true);
    expect(length).toBeLessThan(text.length);
    expect(tokens).toBe(counter.count(text.slice(0, length)));
  });
});
