import { describe, expect, it } from '@jest/globals';
import { isIdempotencyKey } from './idempotency-key.js';

describe('an Idempotency-Key', () => {
  it.each(['a', '0f9c7a3e-6f0e-4f43-9f0c-5d1f6e1f2a3b', 'x'.repeat(255), '!~"{}'])('may be %j', (text) => {
    expect(isIdempotencyKey(text)).toBe(true);
  });

  it.each(['', 'x'.repeat(256), 'two words', 'tab\t', 'schlüssel', '\u0000', undefined, ['a', 'b']])('may not be %j', (text) => {
    expect(isIdempotencyKey(text)).toBe(false);
  });
});
