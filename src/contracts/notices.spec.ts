import { describe, expect, it } from '@jest/globals';
import { endNotices } from './notices.js';

const now = Date.UTC(2026, 11, 1);
const day = 86_400_000;

describe('what is told of the end of a key', () => {
  it.each<[string, number | null, string[]]>([
    ['is nothing where it does not end', null, []],
    ['is nothing where its end is far', now + 14 * day + 1, []],
    ['is its end where that is near', now + 14 * day, ['expires_at: the key ends at 2026-12-15T00:00:00Z, within 14 days.']],
    ['is that it has ended', now, ['expires_at: the key has ended at 2026-12-01T00:00:00Z.']],
  ])('%s', (_what, at, expected) => {
    expect(endNotices(at === null ? null : new Date(at), now)).toEqual(expected);
  });
});
