import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunkText } from './chunk-text.js';

const anyText = fc.string({ unit: fc.constantFrom('a', 'bc', ' ', '\n', '日', '😀'), maxLength: 60 });

describe('chunks of a text', () => {
  it('joined are the text, none is empty, and no character is cut in two', () => {
    fc.assert(
      fc.property(anyText, fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }), (text, count) => {
        const pieces = chunkText(text, count);
        expect(pieces.join('')).toBe(text);
        expect(pieces.every((piece) => piece !== '' && Buffer.from(piece).toString() === piece)).toBe(true);
      }),
    );
  });

  it('are as many as asked for where the text has as many characters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z ]{30,60}$/), fc.integer({ min: 1, max: 30 }), (text, count) => {
        expect(chunkText(text, count)).toHaveLength(count);
      }),
    );
  });

  it('are words when no number is asked for', () => {
    expect(chunkText('You said: hello  world', undefined)).toEqual(['You', ' said:', ' hello', '  world']);
  });

  it('cuts as the pattern for words does, also where a word is of megabytes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'bc', ' ', '\n', 'ä'), { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        expect(chunkText(text, undefined)).toEqual(text.match(/\s*\S+|\s+$/g) ?? []);
      }),
    );
    const word = 'x'.repeat(30 * 1024 * 1024);
    expect(chunkText(`a ${word} b`, undefined).map(({ length }) => length)).toEqual([1, word.length + 1, 2]);
  });
});
