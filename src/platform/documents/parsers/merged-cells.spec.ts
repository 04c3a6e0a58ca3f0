import { describe, expect, it } from '@jest/globals';
import { MergedCells } from './merged-cells.js';

function filled(areas: ConstructorParameters<typeof MergedCells>[0], rows: readonly string[][]): string[][] {
  const merged = new MergedCells(areas);
  return rows.map((row, index) => {
    const cells = [...row];
    merged.fill(index, cells);
    return cells;
  });
}

describe('MergedCells', () => {
  it('gives each cell of an area the text of its first one, and leaves other texts alone', () => {
    const areas = [
      { top: 1, left: 0, bottom: 2, right: 0 },
      { top: 0, left: 0, bottom: 0, right: 2 },
    ];
    expect(filled(areas, [['Title'], ['North', 'Kiel'], ['', 'Bremen'], ['South', 'Ulm']])).toEqual([
      ['Title', 'Title', 'Title'],
      ['North', 'Kiel'],
      ['North', 'Bremen'],
      ['South', 'Ulm'],
    ]);
  });

  it('fills no more of a table than a limit, however many areas it names', () => {
    const areas = Array.from({ length: 1_000_000 }, (_, index) => ({
      top: 0,
      left: index % 16_384,
      bottom: 1_048_575,
      right: index % 16_384,
    }));
    const rows = Array.from({ length: 2_000 }, () => ['x']);
    expect(filled(areas, rows).at(-1)).toEqual(['x']);
  });
});
