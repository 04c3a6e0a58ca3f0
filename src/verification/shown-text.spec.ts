import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shownText } from './shown-text.js';

const text = fc.string({ unit: 'binary', maxLength: 3_000 });

describe('what is shown of a text from outside', () => {
  it('holds no key, nothing that a database refuses, and is bounded', () => {
    fc.assert(
      fc.property(text, text, fc.stringMatching(/^[A-Za-z0-9_]{6,40}$/), (before, after, secret) => {
        const shown = shownText(`${before}${secret}${after}`, [secret, '']);
        expect(shown.length).toBeLessThanOrEqual(2_003);
        expect(shown).not.toMatch(/\p{Cc}|\p{Surrogate}/u);
        if (!'gtak_...'.includes(secret)) expect(shown).not.toContain(secret);
      }),
    );
  });

  it('hides keys that nobody named', () => {
    expect(shownText('sent gtak_0123456789abcdefABCDEF.', [])).toBe('sent gtak_....');
  });

  it('leaves all other text as it is', () => {
    expect(shownText('GET http://127.0.0.1/ answered 200: größer, 漢字, 🙂', ['other'])).toBe(
      'GET http://127.0.0.1/ answered 200: größer, 漢字, 🙂',
    );
  });
});
