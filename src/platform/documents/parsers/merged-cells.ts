/** Cells that stand for one, by their first and last row and column, from 0. */
export interface MergedArea {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

interface OpenArea extends MergedArea {
  readonly value: string;
}

/** Areas of a table that are looked at, columns of one that are filled, and cells and characters that one table is given. */
const mostAreas = 100_000;
const mostColumns = 64;
const mostFilled = 1_000_000;
const mostFilledLength = 4 * 1024 * 1024;
/** A longer text is said once. */
const longestRepeated = 1_000;

/** Gives every cell of a merged area the text of its first one, row by row, so that each row can be understood alone. */
export class MergedCells {
  private readonly areas: readonly MergedArea[];
  private next = 0;
  private open: OpenArea[] = [];
  private filled = 0;
  private filledLength = 0;

  constructor(areas: readonly MergedArea[]) {
    this.areas = areas.slice(0, mostAreas).sort((a, b) => a.top - b.top);
  }

  /** Fills the cells of a row in place; rows come in their order, and some may be missing. */
  fill(row: number, cells: string[]): void {
    this.open = this.open.filter(({ bottom }) => bottom >= row);
    for (let area = this.areas[this.next]; area !== undefined && area.top <= row; area = this.areas[this.next]) {
      this.next += 1;
      const value = area.top === row ? (cells[area.left] ?? '') : '';
      if (value !== '' && value.length <= longestRepeated) this.open.push({ ...area, value });
    }
    for (const area of this.open) this.fillArea(area, cells);
  }

  private fillArea({ left, right, value }: OpenArea, cells: string[]): void {
    for (let column = left; column <= Math.min(right, left + mostColumns - 1); column += 1) {
      this.filled += 1;
      if (this.filled > mostFilled || this.filledLength > mostFilledLength) {
        this.open = [];
        this.next = this.areas.length;
        return;
      }
      while (cells.length < column) cells.push('');
      if ((cells[column] ?? '') !== '') continue;
      cells[column] = value;
      this.filledLength += value.length;
    }
  }
}
