import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonSize } from './json-size.js';

/** Values and depth of what was parsed, told apart from the code under test. */
function sizeOf(value: unknown): { values: number; depth: number } {
  if (typeof value !== 'object' || value === null) return { values: 1, depth: 0 };
  const members = Object.values(value).map(sizeOf);
  return {
    values: 1 + members.reduce((sum, { values }) => sum + values, 0),
    depth: 1 + members.reduce((most, { depth }) => Math.max(most, depth), 0),
  };
}

describe('the size of a JSON text', () => {
  it('is never less than what it holds, and hardly more', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        const expected = sizeOf(JSON.parse(text));
        const { values, depth } = jsonSize(Buffer.from(text), 1_000_000);
        expect(depth).toBe(expected.depth);
        expect(values).toBeGreaterThanOrEqual(expected.values);
        expect(values).toBeLessThanOrEqual(2 * expected.values);
      }),
    );
  });

  it('is not counted beyond what is asked for, and not within texts', () => {
    expect(jsonSize(Buffer.from(`[${'[],'.repeat(1_000)}1]`), 10).values).toBe(11);
    for (const length of [1, 40, 5_000])
      expect(jsonSize(Buffer.from(JSON.stringify([`${'[,"\\'.repeat(length)}`])), 10)).toEqual({ values: 2, depth: 1 });
  });
});
