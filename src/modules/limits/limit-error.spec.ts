import { describe, expect, it } from '@jest/globals';
import { limitOf } from '../../../test/support/leases.js';
import { AppError } from '../../kernel/app-error.js';
import { isTooLarge, limitError } from './limit-error.js';

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
