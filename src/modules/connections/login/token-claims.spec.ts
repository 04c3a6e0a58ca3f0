import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { claimOf, endOf } from './token-claims.js';

const token = (payload: unknown) => `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.c2ln`;

describe('a claim of a token', () => {
  it('is found under its path, whatever names it has', () => {
    const path = fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(path, fc.string({ unit: 'binary' }), (names, value) => {
        const payload = names.reduceRight<unknown>(
          (inner, name) => JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(inner)}}`),
          value,
        );
        expect(claimOf(token(payload), names)).toBe(value);
        expect(claimOf(token(payload), [...names, 'further'])).toBeUndefined();
      }),
    );
  });

  it('is not there in what is no token', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(claimOf(text, ['a'])).toBeUndefined();
      }),
    );
    expect(claimOf(token({}), ['constructor'])).toBeUndefined();
  });

  it('tells the end only as a number', () => {
    expect([endOf(token({ exp: 5 })), endOf(token({ exp: '5' })), endOf('opaque')]).toEqual([5, undefined, undefined]);
  });
});
