/*
 * Signs that stand in a table's text until its rows are known. They are control characters, which no text has that came
 * this far.
 */
const cellStart = '\u0001';
const cellText = '\u0002';
const rowEnd = '\u0003';

/** Rows and columns that one cell may reach over, and cells that one table is filled with. */
const mostRows = 65_534;
const mostColumns = 64;
const mostFilled = 200_000;
/** A longer text is said once. */
const longestRepeated = 1_000;

/** A cell with how many columns and rows it reaches over; `tableText` reads it. */
export function cellMark(text: string, columns: string, rows: string): string {
  return `${cellStart}${span(columns, mostColumns)},${span(rows, mostRows)}${cellText}${text.replace(/\s+/g, ' ').trim()}`;
}

/** A row of such cells. */
export function rowMark(cells: string): string {
  return `${cells}${rowEnd}`;
}

/** The text of a table of such rows: each row a line, each cell in its column; what reaches over several is said in each. */
export function tableText(content: string): string {
  const grid = new Grid();
  const rows = content.split(rowEnd);
  const after = rows.pop() ?? '';
  const lines = rows.map((row) => {
    const [before = '', ...cells] = row.split(cellStart);
    const line = cells.length === 0 ? '' : `| ${grid.row(cells.map(readCell)).join(' | ')} |`;
    return [before.trim(), line].filter((part) => part !== '').join('\n');
  });
  return [...lines, after.trim()].filter((line) => line !== '').join('\n');
}

interface Cell {
  readonly text: string;
  readonly columns: number;
  readonly rows: number;
}

/** Finds the column of each cell, past those that reach down from rows above. */
class Grid {
  private carried = new Map<number, Cell>();
  private filled = 0;

  row(cells: readonly Cell[]): string[] {
    const row: string[] = [];
    const above = this.carried;
    this.carried = new Map();
    const carry = (column: number): boolean => {
      const cell = above.get(column);
      if (cell !== undefined) this.put(row, column, { ...cell, rows: cell.rows - 1 });
      return cell !== undefined;
    };
    let column = 0;
    for (const cell of cells) {
      while (carry(column)) column += 1;
      for (let place = 0; place < cell.columns; place += 1) {
        this.put(row, column, place === 0 ? cell : repeated(cell));
        column += 1;
      }
    }
    for (const further of above.keys()) if (further >= column) carry(further);
    return Array.from(row, (text: string | undefined) => text ?? '');
  }

  private put(row: string[], column: number, cell: Cell): void {
    row[column] = cell.text;
    if (cell.rows < 2) return;
    this.filled += 1;
    if (this.filled <= mostFilled) this.carried.set(column, repeated(cell));
  }
}

function repeated(cell: Cell): Cell {
  return cell.text.length > longestRepeated ? { ...cell, text: '' } : cell;
}

function readCell(mark: string): Cell {
  const [spans = '', text = ''] = mark.split(cellText);
  const [columns = 1, rows = 1] = spans.split(',').map(Number);
  return { text, columns, rows };
}

function span(value: string, most: number): number {
  return Math.min(most, Math.max(1, Number.parseInt(value, 10) || 1));
}
