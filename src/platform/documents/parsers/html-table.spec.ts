import { describe, expect, it } from '@jest/globals';
import { cellMark, rowMark, tableText } from './html-table.js';

type Cell = string | [text: string, columns: number, rows: number];

function tableOf(rows: readonly (readonly Cell[])[]): string {
  const mark = (cell: Cell): string =>
    typeof cell === 'string' ? cellMark(cell, '', '') : cellMark(cell[0], String(cell[1]), String(cell[2]));
  return tableText(rows.map((cells) => rowMark(cells.map(mark).join(''))).join(''));
}

describe('tableText', () => {
  it('puts each cell into its column and says in each what reaches over several', () => {
    expect(
      tableOf([
        ['Region', 'City', 'Sales'],
        [['North', 1, 2], 'Kiel', '10'],
        ['Bremen', '30'],
        [['South total', 2, 1], '5'],
      ]),
    ).toBe('| Region | City | Sales |\n| North | Kiel | 10 |\n| North | Bremen | 30 |\n| South total | South total | 5 |');
  });

  it('ends with what reaches down at the end of a row', () => {
    expect(tableOf([['Ada', ['engineer', 1, 2]], ['Bob'], ['Eve', 'clerk']])).toBe(
      '| Ada | engineer |\n| Bob | engineer |\n| Eve | clerk |',
    );
  });

  it('fills no more than a limit, however far cells reach', () => {
    const text = tableOf([
      Array.from({ length: 3_000 }, (): Cell => ['x', 1, 1_000_000]),
      ...Array.from({ length: 2_000 }, () => ['y']),
    ]);
    expect(text.length).toBeLessThan(2_000_000);
    expect(text.endsWith('| y |')).toBe(true);
  });
});
