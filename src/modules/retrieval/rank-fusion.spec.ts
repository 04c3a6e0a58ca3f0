import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fuseRanks } from './rank-fusion.js';

const chunk = fc.record({
  fileId: fc.constantFrom('file-a', 'file-b', 'file-c'),
  ingestionId: fc.constantFrom('', 'ing_a'),
  ordinal: fc.nat(9),
});
const list = fc.uniqueArray(chunk, {
  maxLength: 12,
  selector: ({ fileId, ingestionId, ordinal }) => `${fileId} ${ingestionId} ${ordinal}`,
});

describe('reciprocal rank fusion', () => {
  it('puts a chunk that is fair in both lists before one that is best in one', () => {
    const [both, first, second] = [
      { fileId: 'file-both', ingestionId: '', ordinal: 0 },
      { fileId: 'file-first', ingestionId: '', ordinal: 0 },
      { fileId: 'file-second', ingestionId: '', ordinal: 0 },
    ];
    const fused = fuseRanks([
      [first, both],
      [second, both],
    ]);
    expect(fused.map(({ fileId }) => fileId)).toEqual(['file-both', 'file-first', 'file-second']);
    expect(fused[0]?.score).toBeCloseTo(2 / 62, 12);
  });

  it('holds each chunk once, in an order that does not depend on the order of the lists', () => {
    fc.assert(
      fc.property(fc.array(list, { maxLength: 4 }), (lists) => {
        const names = fuseRanks(lists).map(({ fileId, ingestionId, ordinal }) => `${fileId} ${ingestionId} ${ordinal}`);
        expect(new Set(names)).toEqual(
          new Set(lists.flat().map(({ fileId, ingestionId, ordinal }) => `${fileId} ${ingestionId} ${ordinal}`)),
        );
        expect(new Set(names).size).toBe(names.length);
        const scores = new Map(
          fuseRanks([...lists].reverse()).map(({ fileId, ingestionId, ordinal, score }) => [
            `${fileId} ${ingestionId} ${ordinal}`,
            score,
          ]),
        );
        for (const { fileId, ingestionId, ordinal, score } of fuseRanks(lists))
          expect(scores.get(`${fileId} ${ingestionId} ${ordinal}`)).toBeCloseTo(score, 12);
      }),
    );
  });

  it('is sorted by score, ties by file and place', () => {
    fc.assert(
      fc.property(fc.array(list, { maxLength: 4 }), (lists) => {
        const fused = fuseRanks(lists);
        fused.slice(1).forEach((after, index) => {
          const before = fused[index];
          if (before === undefined) return;
          const isTie = before.score === after.score;
          expect(before.score).toBeGreaterThanOrEqual(after.score);
          if (isTie)
            expect([before.fileId, before.ingestionId, before.ordinal] < [after.fileId, after.ingestionId, after.ordinal]).toBe(
              true,
            );
        });
      }),
    );
  });
});
