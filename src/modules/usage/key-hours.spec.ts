import { describe, expect, it } from '@jest/globals';
import { callsByHour, firstOfHours } from './key-hours.js';

const hourMs = 3_600_000;

describe('the hours of keys', () => {
  it('end with the one that is running', () => {
    const now = Date.parse('2027-01-31T08:59:59.999Z');
    expect(new Date(firstOfHours(1, now)).toISOString()).toBe('2027-01-31T08:00:00.000Z');
    expect(new Date(firstOfHours(24, now)).toISOString()).toBe('2027-01-30T09:00:00.000Z');
  });

  it('have a number each for every key, and leave out what began after they were asked for', () => {
    const since = Date.parse('2027-01-31T06:00:00Z');
    const rows = [
      { keyId: 'key_a', hourMs: since + hourMs, calls: 3 },
      { keyId: 'key_a', hourMs: since + 2 * hourMs, calls: 9 },
      { keyId: 'key_gone', hourMs: since, calls: 1 },
    ];
    expect([...callsByHour(rows, ['key_a', 'key_b'], since, 2)]).toEqual([
      ['key_a', [0, 3]],
      ['key_b', [0, 0]],
    ]);
  });
});
