import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BestHits, compareHits } from './best-hits.js';

const hit = fc.record({
  fileId: fc.constantFrom('file-a', 'file-b', 'file-c'),
  ingestionId: fc.constantFrom('', 'ing_a'),
  ordinal: fc.nat(5),
  score: fc.constantFrom(-1, 0, 0.25, 0.5, 1),
});
const hits = fc.uniqueArray(hit, {
  maxLength: 30,
  selector: ({ fileId, ingestionId, ordinal }) => `${fileId} ${ingestionId} ${ordinal}`,
});

describe('the best hits', () => {
  it('are the first of the sorted list, whatever the order in which they came', () => {
    fc.assert(
      fc.property(hits, fc.nat(12), (offered, limit) => {
        const best = new BestHits(limit);
        for (const { ordinal, score, ...set } of offered) best.offer(set, ordinal, score);
        expect(best.list()).toEqual([...offered].sort(compareHits).slice(0, limit));
      }),
    );
  });
});
