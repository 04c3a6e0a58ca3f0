/**
 * Turns the rows of a table into lines that can be understood one by one: `Name: Ada | Born: 1815`. The first row that
 * holds anything names the columns when every cell of it is a word of its own; otherwise columns are named A, B, C.
 */
export class TableLines {
  private names: readonly string[] | undefined;

  /** The line of the next row with its line end; empty for a row that gives none. */
  line(row: readonly string[]): string {
    const cells = row.map((cell) => cell.replace(/\s+/g, ' ').trim());
    if (!cells.some((cell) => cell !== '')) return '';
    if (this.names === undefined) {
      this.names = isHeader(cells) ? cells : [];
      // A table of nothing but its header still says something.
      if (this.names.length > 0) return `${cells.join(' | ')}\n`;
    }
    const { names } = this;
    const parts = cells.flatMap((cell, column) => (cell === '' ? [] : [`${names[column] || columnLetters(column)}: ${cell}`]));
    return `${parts.join(' | ')}\n`;
  }
}

/** A header's cells are filled, differ and are no numbers; empty ones may follow at the end. */
function isHeader(cells: readonly string[]): boolean {
  const filled = cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
  const areWords = filled.every((cell) => /\p{L}/u.test(cell) && cell.length <= 100);
  return areWords && new Set(filled).size === filled.length && (filled.length > 1 || cells.length === 1);
}

/** Spreadsheet names of columns: 0 is A, 26 is AA. */
function columnLetters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : columnLetters(Math.floor(column / 26) - 1) + last;
}
