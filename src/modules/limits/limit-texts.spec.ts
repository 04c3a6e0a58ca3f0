import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limitOf } from '../../../test/support/leases.js';
import { AppError } from '../../kernel/app-error.js';
import { isTooLarge, limitError } from './limit-error.js';
import { duration, rateHeaders } from './rate-headers.js';

describe('the answer to a call that a limit refuses', () => {
  it('says whose limit it is, how much of it is used, and when to try again', () => {
    const limit = limitOf('requests', 60);
    const { code, message, headers } = limitError({ limit, need: 1, left: 0.5, waitMs: 1_001 });
    expect([code, message, headers]).toEqual([
      'rate_limit_exceeded',
      'Rate limit reached for requests of this API key per min: Limit 60, Used 59.5, Requested 1. Please try again in 2s.',
      { 'retry-after': '2', 'retry-after-ms': '1001' },
    ]);
  });

  it.each([
    ['endpoint', 'tokens', 'Rate limit reached for tokens of this model per min:', 'token_limit_exceeded'],
    ['tenant', 'parallel', 'Rate limit reached for requests at the same time of this tenant:', 'rate_limit_exceeded'],
    ['ceiling', 'requests', 'Rate limit reached for requests of this tenant on the platform per min:', 'rate_limit_exceeded'],
  ] as const)('names the limit of its %s of %s', (owner, kind, begin, code) => {
    const error = limitError({ limit: limitOf(kind, 10, { owner }), need: 3, left: 0, waitMs: 1 });
    expect([error.code, error.message]).toEqual([code, `${begin} Limit 10, Used 10, Requested 3. Please try again in 1s.`]);
  });

  it('says of what never fits that it is too large, and that trying again is in vain', () => {
    const tokens = limitError({ limit: limitOf('tokens', 10), need: 30, left: 0, waitMs: null });
    expect([tokens.code, tokens.message, tokens.headers]).toEqual([
      'token_limit_exceeded',
      'Request too large for the tokens of this API key per min: Limit 10, Requested 30. Send less, or ask for a shorter answer with max_tokens.',
      { 'x-should-retry': 'false' },
    ]);
    const places = limitError({ limit: limitOf('parallel', 0), need: 1, left: 0, waitMs: null });
    expect([places.code, places.message]).toEqual([
      'rate_limit_exceeded',
      'Request too large for the requests at the same time of this API key: Limit 0, Requested 1.',
    ]);
    expect([isTooLarge(tokens), isTooLarge(places)]).toEqual([true, false]);
  });

  it('is not that of a call that is too large where it may be tried again', () => {
    expect(isTooLarge(limitError({ limit: limitOf('tokens', 10), need: 3, left: 0, waitMs: 5 }))).toBe(false);
    expect(isTooLarge(new AppError('token_limit_exceeded'))).toBe(false);
  });
});

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
