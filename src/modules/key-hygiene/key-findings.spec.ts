import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findingsOf, type JudgedKey } from './key-findings.js';

const now = Date.UTC(2026, 11, 1);
const day = 86_400_000;
const bounds = { unusedDays: 30, expiringDays: 14 };
const good: JudgedKey = {
  state: 'active',
  createdAtMs: now - 400 * day,
  lastUsedAtMs: now - day,
  expiresAtMs: null,
  unusedScopes: 0,
};

describe('what should be looked after at a key', () => {
  it.each<[string, Partial<JudgedKey>, string[]]>([
    ['is nothing at one that does what it may', {}, []],
    ['is that nobody used it for long', { lastUsedAtMs: now - 30 * day }, ['unused']],
    ['is not yet that, a moment before', { lastUsedAtMs: now - 30 * day + 1 }, []],
    ['is that it was never used, once it is old', { lastUsedAtMs: null, unusedScopes: 3 }, ['unused']],
    ['is nothing at a new one that was never used', { lastUsedAtMs: null, createdAtMs: now - day, unusedScopes: 3 }, []],
    ['is that it may more than it does', { unusedScopes: 1 }, ['over_granted']],
    ['is that it ends soon', { expiresAtMs: now + 14 * day }, ['expiring']],
    ['is nothing of an end that is far', { expiresAtMs: now + 14 * day + 1 }, []],
    ['is at its end that alone', { expiresAtMs: now, unusedScopes: 2, lastUsedAtMs: now - 99 * day }, ['expired']],
    ['is nothing at a revoked one', { state: 'revoked', expiresAtMs: now, unusedScopes: 2 }, []],
    ['is the same at a disabled one', { state: 'disabled', unusedScopes: 2 }, ['over_granted']],
  ])('%s', (_what, of, expected) => {
    expect(findingsOf({ ...good, ...of }, bounds, now)).toEqual(expected);
  });

  it('never grows when a key is used once more', () => {
    const at = fc.integer({ min: now - 900 * day, max: now + 900 * day });
    const key = fc.record({
      state: fc.constantFrom('active', 'disabled', 'revoked'),
      createdAtMs: fc.integer({ min: now - 900 * day, max: now }),
      lastUsedAtMs: at,
      expiresAtMs: fc.option(at),
      unusedScopes: fc.nat(5),
    });
    fc.assert(
      fc.property(key, (one) => {
        const later = findingsOf({ ...one, lastUsedAtMs: now }, bounds, now);
        expect(findingsOf(one, bounds, now)).toEqual(expect.arrayContaining(later));
      }),
    );
  });
});
