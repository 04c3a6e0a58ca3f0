import { describe, expect, it } from '@jest/globals';
import { TableLines } from './table-lines.js';

function linesOf(rows: readonly (readonly string[])[]): string {
  const lines = new TableLines();
  return rows.map((row) => lines.add(row)).join('') + lines.finish();
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
  });

  it('names as many columns as a spreadsheet has; what stands beyond is text', () => {
    const row = Array.from({ length: 16_386 }, (_none, column) => String(column));
    const [line = ''] = linesOf([row]).split('\n');
    expect(line.endsWith(' | XFD: 16383 | (further columns without names) 16384 16385')).toBe(true);
  });

  it.each<[string, string[][], string]>([
    [
      'years',
      [
        ['2023', '2024', 'Product'],
        ['10', '20', 'Bolt'],
      ],
      '2023 | 2024 | Product\n2023: 10 | 2024: 20 | Product: Bolt\n',
    ],
    [
      'names that repeat',
      [
        ['Name', 'Phone', 'Phone'],
        ['Ada', 'one', 'two'],
      ],
      'Name | Phone | Phone\nName: Ada | Phone: one | Phone: two\n',
    ],
    [
      'below a title',
      [['Prices of May'], ['valid from 1 May'], ['Item', 'Price'], ['Bolt', '2']],
      'Prices of May\nvalid from 1 May\nItem | Price\nItem: Bolt | Price: 2\n',
    ],
    [
      'below a title in merged cells',
      [
        ['Prices', 'Prices'],
        ['Item', 'Price'],
        ['Bolt', '2'],
      ],
      'Prices\nItem | Price\nItem: Bolt | Price: 2\n',
    ],
    [
      'with an empty corner',
      [
        ['', '2024', '2025'],
        ['Bolt', '1', '2'],
      ],
      ' | 2024 | 2025\nA: Bolt | 2024: 1 | 2025: 2\n',
    ],
    [
      'in two rows',
      [
        ['Item', '2024', '2024'],
        ['Item', 'May', 'June'],
        ['Bolt', '1', '2'],
      ],
      'Item | 2024 | 2024\nItem | May | June\nItem: Bolt | 2024 May: 1 | 2024 June: 2\n',
    ],
  ])('finds the header: %s', (_what, rows, lines) => {
    expect(linesOf(rows)).toBe(lines);
  });

  it('takes years for data where years stand below', () => {
    expect(
      linesOf([
        ['Ada', '1815'],
        ['Grace', '1906'],
      ]),
    ).toBe('A: Ada | B: 1815\nA: Grace | B: 1906\n');
  });

  it('reads a row of a million columns', () => {
    expect(linesOf([Array.from({ length: 1_000_000 }, (_, column) => `x${column}`)]).length).toBeGreaterThan(1_000_000);
  });

  it('leaves empty rows out and keeps each row on its line', () => {
    expect(linesOf([['', ' '], ['Name', 'Note'], [], ['Ada', 'two\nlines']])).toBe('Name | Note\nName: Ada | Note: two lines\n');
  });

  it('names columns beyond the header and beyond Z', () => {
    const row = Array.from({ length: 28 }, (_, column) => (column === 0 || column === 27 ? 'x' : ''));
    expect(linesOf([['Name', 'Born'], row])).toBe('Name | Born\nName: x | AB: x\n');
  });
});
