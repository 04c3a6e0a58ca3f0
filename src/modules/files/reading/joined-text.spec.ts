import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunkSections } from '../../../platform/documents/chunker.js';
import { joinedText, repeated } from './joined-text.js';

describe('joinedText', () => {
  it('gives a document back from passages that repeat each other’s ends', async () => {
    const text = Array.from({ length: 400 }, (_none, at) => `Sentence number ${at} speaks of ${at * 7919}.`).join(' ');
    for (const overlapTokens of [0, 8, 32]) {
      const passages: { text: string; source: object }[] = [];
      for await (const chunk of chunkSections([{ text, source: {} }], { chunkTokens: 64, overlapTokens })) passages.push(chunk);
      expect(passages.length).toBeGreaterThan(10);
      expect(await joinedText(passages)).toBe(text);
    }
  });

  it('parts sheets, and joins what lies on several pages', async () => {
    const passages = [
      { text: 'a,b', source: { sheet: 'One' } },
      { text: 'a,b', source: { sheet: 'Two' } },
    ];
    expect(await joinedText(passages)).toBe('a,b\n\na,b');
    const pages = [
      { text: 'one two', source: { page: 1 } },
      { text: 'two three', source: { page: 2 } },
    ];
    expect(await joinedText(pages)).toBe('one two three');
  });

  it('finds the longest repeated piece that is neither of the two as a whole', () => {
    const words = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    fc.assert(
      fc.property(words, words, (before, text) => {
        let longest = 0;
        for (let length = 1; length < Math.min(before.length, text.length); length += 1)
          if (before.endsWith(text.slice(0, length))) longest = length;
        expect(repeated(before, text)).toBe(longest);
      }),
    );
  });
});
