import { describe, expect, it } from '@jest/globals';
import { healthText } from './connection-health.js';

const health = { state: 'closed', retry_at: null, calls: 0, failures: 0, last_failure: null };

describe('how a connection fares, in a list', () => {
  it.each([
    [health, 'unused'],
    [{ ...health, calls: 10 }, 'ok'],
    [{ ...health, calls: 10, failures: 3 }, 'failing 3/10'],
    [{ ...health, state: 'open', retry_at: 1012, calls: 10, failures: 10 }, 'open, tries again in 12 s'],
    [{ ...health, state: 'open', retry_at: 990, calls: 10, failures: 10 }, 'open, tries again in 0 s'],
    [{ ...health, state: 'half_open', calls: 10, failures: 10 }, 'open, the next call tries'],
    [undefined, '-'],
  ])('%j is said as "%s"', (shown, text) => {
    expect(healthText(shown, 1000)).toBe(text);
  });
});
