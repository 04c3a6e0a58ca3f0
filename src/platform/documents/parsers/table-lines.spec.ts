import { describe, expect, it } from '@jest/globals';
import { TableLines } from './table-lines.js';

function linesOf(rows: readonly (readonly string[])[]): string {
  const lines = new TableLines();
  return rows.map((row) => lines.line(row)).join('');
}

describe('TableLines', () => {
  it('says with every value what it is', () => {
    expect(
      linesOf([
        ['Name', 'Born'],
        ['Ada', '1815'],
        ['', '1906'],
      ]),
    ).toBe('Name | Born\nName: Ada | Born: 1815\nBorn: 1906\n');
  });

  it('names columns by letters where there is no header', () => {
    expect(
      linesOf([
        ['1', '2'],
        ['Ada', '3'],
      ]),
    ).toBe('A: 1 | B: 2\nA: Ada | B: 3\n');
    expect(
      linesOf([
        ['Total', 'Total'],
        ['1', '2'],
      ]),
    ).toBe('A: Total | B: Total\nA: 1 | B: 2\n');
  });

  it('leaves empty rows out and keeps each row on its line', () => {
    expect(linesOf([['', ' '], ['Name', 'Note'], [], ['Ada', 'two\nlines']])).toBe('Name | Note\nName: Ada | Note: two lines\n');
  });

  it('names columns beyond the header and beyond Z', () => {
    const row = Array.from({ length: 28 }, (_, column) => (column === 0 || column === 27 ? 'x' : ''));
    expect(linesOf([['Name', 'Born'], row])).toBe('Name | Born\nName: x | AB: x\n');
  });
});
