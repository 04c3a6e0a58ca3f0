import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limitOf } from '../../../test/support/leases.js';
import { duration, rateHeaders } from './rate-headers.js';

describe('the headers of limits', () => {
  it('tell of each kind a minute the limit of which least is left, requests first', () => {
    const states = [
      { limit: limitOf('tokens', 900), left: 450, fullInMs: 30_000 },
      { limit: limitOf('requests', 60), left: 9, fullInMs: 51_000 },
      { limit: limitOf('requests', 10), left: 8, fullInMs: 12_000 },
      { limit: limitOf('requests', 99), left: 8, fullInMs: 1 },
      { limit: limitOf('parallel', 5), left: 0, fullInMs: 0 },
    ];
    expect(rateHeaders(states)).toEqual([
      ...['x-ratelimit-limit-requests', '10', 'x-ratelimit-remaining-requests', '8', 'x-ratelimit-reset-requests', '12s'],
      ...['x-ratelimit-limit-tokens', '900', 'x-ratelimit-remaining-tokens', '450', 'x-ratelimit-reset-tokens', '30s'],
    ]);
  });

  it('tell nothing where nothing is limited a minute', () => {
    expect(rateHeaders([{ limit: limitOf('parallel', 5), left: 0, fullInMs: 0 }])).toEqual([]);
  });

  it.each([
    [-5, '0ms'],
    [0, '0ms'],
    [0.2, '1ms'],
    [999, '999ms'],
    [1_000, '1s'],
    [1_500, '1.5s'],
    [59_999.4, '59.999s'],
    [60_000, '1m0s'],
    [60_001, '1m1s'],
    [360_000, '6m0s'],
    [3_725_000, '62m5s'],
  ])('write %d ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('never tell a shorter time than it is by more than a millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (ms) => {
        const [, minutes, seconds = '0', unit] = /^(?:(\d+)m(?=\d))?([\d.]+)(ms|s)$/.exec(duration(ms)) ?? [];
        const told = Number(minutes ?? 0) * 60_000 + Number(seconds) * (unit === 'ms' ? 1 : 1_000);
        expect(told).toBeGreaterThan(ms - 1);
        expect(told).toBeLessThan(ms + 1_000);
      }),
    );
  });
});
