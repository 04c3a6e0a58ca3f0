import { HeaderFinder } from './header-finder.js';

/** Rows that are looked at before it is decided which of them names the columns, and characters of them. */
const mostHeld = 25;
const mostHeldLength = 64 * 1024;
/** Columns that have names, as in spreadsheets: up to XFD. */
const mostColumns = 16_384;

/**
 * Turns the rows of a table into lines that can be understood one by one: `Name: Ada | Born: 1815`. The names of the columns
 * are looked for in the first rows, below titles; where there are none, columns are named A, B, C.
 */
export class TableLines {
  private held: string[][] | undefined = [];
  private heldLength = 0;
  private names: readonly string[] = [];

  /** The lines that can be given after the next row, with their line ends; often none at the table's beginning. */
  add(row: readonly string[]): string {
    const cells = row.map((cell) => cell.replace(/\s+/g, ' ').trim());
    if (!cells.some((cell) => cell !== '')) return '';
    if (this.held === undefined) return this.line(cells);
    this.held.push(cells);
    this.heldLength += cells.reduce((sum, cell) => sum + cell.length + 1, 0);
    return this.held.length < mostHeld && this.heldLength < mostHeldLength ? '' : this.finish();
  }

  /** The lines of what is held back; the table may go on after it. */
  finish(): string {
    const rows = this.held ?? [];
    this.held = undefined;
    const { titles, names, headers } = new HeaderFinder(rows).find();
    this.names = names;
    const above = rows.slice(0, titles + headers).map((cells) => `${withoutRepeats(cells).join(' | ')}\n`);
    return (
      above.join('') +
      rows
        .slice(titles + headers)
        .map((cells) => this.line(cells))
        .join('')
    );
  }

  private line(cells: readonly string[]): string {
    const { names } = this;
    const parts = cells
      .slice(0, mostColumns)
      .flatMap((cell, column) => (cell === '' ? [] : [`${names[column] || columnLetters(column)}: ${cell}`]));
    const further = cells.slice(mostColumns).filter((cell) => cell !== '');
    if (further.length > 0) parts.push(`(further columns without names) ${further.join(' ')}`);
    return `${parts.join(' | ')}\n`;
  }
}

/** A title that stands in merged cells is said once. */
function withoutRepeats(cells: readonly string[]): string[] {
  return [...new Set(cells.filter((cell) => cell !== ''))].length === 1
    ? cells.filter((cell) => cell !== '').slice(0, 1)
    : [...cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1)];
}

/** Spreadsheet names of columns: 0 is A, 26 is AA. */
function columnLetters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : columnLetters(Math.floor(column / 26) - 1) + last;
}
