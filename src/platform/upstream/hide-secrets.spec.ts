import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hideSecrets, signInSecrets } from './hide-secrets.js';

const visible = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) });

describe('hideSecrets', () => {
  it.each([
    ['You sent team-blue-7731.', ['team-blue-7731'], 'You sent [removed].'],
    ['team-blue-7731team-blue-7731', ['team-blue-7731'], '[removed][removed]'],
    ['Cut: 0123456789abcdefgh…', ['0123456789abcdefghijklmn'], 'Cut: [removed]…'],
    ['At least 1 of 10, not 1.', ['1'], 'At least [removed] of 10, not [removed].'],
    ['Both team-blue and team-blue-7731.', ['team-blue', 'team-blue-7731'], 'Both [removed] and [removed].'],
    ['Nothing of it.', ['team-blue'], 'Nothing of it.'],
    ['Nothing of it.', [], 'Nothing of it.'],
  ])('%s', (said, secrets, told) => expect(hideSecrets(said, secrets)).toBe(told));

  it('takes out what signs in, with and without the word before it', () => {
    const secrets = signInSecrets(['authorization', 'Bearer tok-en', 'x-account', 'a.c-7731']);
    expect(hideSecrets('Bearer tok-en, tok-en of a.c-7731', secrets)).toBe('[removed], [removed] of [removed]');
  });

  it('leaves no secret of six characters or more, wherever it stands', () => {
    const secret = visible.filter((text) => text.length >= 6 && !'[removed]'.includes(text));
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(visible), (secrets, words) => {
        const said = words.flatMap((word, at) => [word, secrets[at % secrets.length] ?? '']).join(' ');
        const told = hideSecrets(said, secrets);
        for (const one of secrets) expect(told).not.toContain(one);
      }),
    );
  });
});
