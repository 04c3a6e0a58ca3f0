import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Shortlist } from './shortlist.js';
import { VectorBlock } from './vector-block.js';

describe('a shortlist', () => {
  it('holds the nearest rows of all blocks, however they were offered', () => {
    const pieces = fc.array(fc.array(fc.nat(30), { maxLength: 20 }), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 15 }), (offered, size) => {
        const blocks = [new VectorBlock(8, false), new VectorBlock(8, false)];
        const list = new Shortlist(size);
        const all: { at: number; first: number; distance: number }[] = [];
        let first = 0;
        offered.forEach((distances, piece) => {
          const at = piece < offered.length / 2 ? 0 : 1;
          const block = blocks[at];
          if (block !== undefined) list.offer(block, first, Uint16Array.from(distances), distances.length);
          all.push(...distances.map((distance, row) => ({ at, first: first + row, distance })));
          first += distances.length;
        });
        const distanceOf = (block: VectorBlock, row: number): number | undefined =>
          all.find((one) => one.at === blocks.indexOf(block) && one.first === row)?.distance;
        const found = [...list.list()];
        const sorted = all.map(({ distance }) => distance).sort((left, right) => left - right);
        expect(found.map(([block, row]) => distanceOf(block, row) ?? NaN).sort((left, right) => left - right)).toEqual(
          sorted.slice(0, size),
        );
        expect(new Set(found.map(([block, row]) => `${blocks.indexOf(block)} ${row}`)).size).toBe(found.length);
      }),
    );
  });
});
