import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countTokens, firstTokens, tokensOf } from './tokens.js';

const anyText = fc.string({ unit: fc.constantFrom(...'abzAZ09 \t\n.,!é日😀ü👩‍💻'), maxLength: 80 });

describe('tokens', () => {
  it('joined are the text, and counting gives their number', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokensOf(text).join('')).toBe(text);
        expect(countTokens(text)).toBe(tokensOf(text).length);
      }),
    );
  });

  it('the first tokens are a beginning of the text with at most that many tokens', () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), (text, limit) => {
        expect(firstTokens(text, limit)).toBe(tokensOf(text).slice(0, limit).join(''));
      }),
    );
  });

  it('words are cut after eight letters, punctuation and wide characters count one each', () => {
    expect(tokensOf('Hello, extraordinary 日本😀 ')).toEqual(['Hello', ',', ' extraord', 'inary', ' 日', '本', '😀', ' ']);
  });
});
