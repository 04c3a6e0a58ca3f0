import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../kernel/app-error.js';
import { waitFor } from './line-waits.js';

describe('a request of a batch that failed', () => {
  it.each(['rate_limit_exceeded', 'token_limit_exceeded', 'overloaded', 'upstream_unavailable', 'oauth_unavailable'] as const)(
    'with %s waits, however often that was',
    (code) => {
      for (let throttles = 0; throttles < 100; throttles += 1)
        expect(waitFor(new AppError(code), 5, throttles)).toMatchObject({ attempts: 5, isForAll: true });
    },
  );

  it('waits at least as long as it is told to', () => {
    const told = (headers: Record<string, string>) => waitFor(new AppError('rate_limit_exceeded', { headers }), 0, 0)?.waitMs;
    expect([told({ 'retry-after': '90' }), told({ 'retry-after-ms': '2500' }), told({})]).toEqual([90_000, 2500, 1000]);
  });

  it('is at its end where a limit can never let it through', () => {
    expect(waitFor(new AppError('token_limit_exceeded', { headers: { 'x-should-retry': 'false' } }), 0, 0)).toBeUndefined();
  });

  it('for what may be its own fault is made six times, with longer and longer waits', () => {
    const waits = [0, 1, 2, 3, 4, 5].map((attempts) => waitFor(new AppError('upstream_error'), attempts, 0)?.waitMs);
    expect(waits).toEqual([1000, 4000, 16_000, 64_000, 256_000, undefined]);
  });

  it.each(['insufficient_quota', 'invalid_api_key', 'model_not_found', 'invalid_request', 'context_length_exceeded'] as const)(
    'with %s is at its end',
    (code) => {
      expect(waitFor(new AppError(code), 0, 0)).toBeUndefined();
    },
  );
});
