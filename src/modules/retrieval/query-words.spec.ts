import { describe, expect, it } from '@jest/globals';
import type { AskedWord } from './word-query.js';
import { chooseWords, mostRanked, questionText, webSearchText } from './query-words.js';

const asked = (...words: string[]): AskedWord[] => words.map((text) => ({ text, part: `'${text}'` }));

describe('the words to look by', () => {
  it('weigh more the rarer they are, and leave out what stands nowhere', () => {
    const chosen = chooseWords(asked('pump', 'warranty', 'unicorn'), [40, 2, 0]);
    expect(chosen.map(({ part }) => part)).toEqual(["'warranty'", "'pump'"]);
    expect(chosen[0]?.weight).toBeGreaterThan(chosen[1]?.weight ?? Infinity);
  });

  it('stop before they bring too many chunks to rank, but begin with the rarest in any case', () => {
    expect(chooseWords(asked('the', 'pump'), [mostRanked + 1, 3]).map(({ part }) => part)).toEqual(["'pump'"]);
    expect(chooseWords(asked('the', 'of'), [mostRanked + 1, mostRanked + 1])).toHaveLength(1);
  });
});

describe('the text of a question', () => {
  it('holds nothing that the database refuses', () => {
    expect(questionText(' a\0b \ud800 ')).toBe('a b \ufffd');
    expect(questionText('\0')).toBe('');
    expect(questionText('x'.repeat(100_000))).toHaveLength(2_000);
  });

  it('keeps a minus only where it excludes a word', () => {
    expect(webSearchText('pump -red -"old one" --- x-ray - item --flag')).toBe('pump -red -"old one"   x-ray   item  flag');
  });
});
