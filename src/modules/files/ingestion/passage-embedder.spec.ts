import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { batchesOf } from './passage-embedder.js';

describe('the batches of passages', () => {
  it('hold every passage once, in order, and no more than one call takes', () => {
    const passages = fc.array(
      fc.integer({ min: 0, max: 70_000 }).map((tokens) => ({ tokens })),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(passages, (given) => {
        const batches = [...batchesOf(given)];
        expect(batches.flat()).toEqual(given);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(64);
          const tokens = batch.reduce((sum, passage) => sum + passage.tokens, 0);
          expect(batch.length === 1 || tokens <= 60_000).toBe(true);
        }
      }),
    );
  });
});
