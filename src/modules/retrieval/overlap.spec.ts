import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { overlapLength } from './overlap.js';

/** The same by trying every length. */
function slowOverlap(before: string, after: string): number {
  for (let length = Math.min(before.length, after.length); length > 0; length -= 1) {
    if (before.endsWith(after.slice(0, length))) return length;
  }
  return 0;
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 20 });

describe('the overlap of two neighbours', () => {
  it('is the longest end of the first with which the second begins', () => {
    fc.assert(
      fc.property(text, text, (before, after) => expect(overlapLength(before, after)).toBe(slowOverlap(before, after))),
      { numRuns: 2_000 },
    );
  });

  it('takes no longer than a pass over two long texts that nearly match everywhere', () => {
    const same = 'a'.repeat(200_000);
    expect(overlapLength(`${same}b`, same)).toBe(0);
    expect(overlapLength(same, `${same}b`)).toBe(200_000);
  });
});
