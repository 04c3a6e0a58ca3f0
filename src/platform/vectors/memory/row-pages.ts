import { signBits } from '../vector-bytes.js';
import { rowBytes } from './bits/distances.js';
import { normalise } from './vector-math.js';

/** Some rows that stand together in memory. */
export interface RowPiece {
  /** The first row's number. */
  readonly first: number;
  readonly count: number;
  readonly bits: Uint8Array;
  /** Of the length one; empty where no vectors are kept. */
  readonly vectors: Float32Array;
}

interface Page {
  bits: Uint8Array;
  vectors: Float32Array;
  /** The number of each row's set. */
  sets: Int32Array;
  ordinals: Int32Array;
}

/** Rows of a page, and of a page that was just begun. */
const pageRows = 2_048;
export const firstRows = 16;
const floatBytes = Float32Array.BYTES_PER_ELEMENT;

/** The memory of rows, in pages: each row has the signs of its vector, perhaps the vector, its set's number and its ordinal. */
export class RowPages {
  readonly rowBytes: number;
  private readonly pages: Page[] = [];
  private length = 0;

  constructor(
    readonly dimensions: number,
    private keepsVectors: boolean,
  ) {
    this.rowBytes = rowBytes(dimensions);
  }

  /** How many rows there are; the next one has this number. */
  get rows(): number {
    return this.length;
  }

  get hasVectors(): boolean {
    return this.keepsVectors;
  }

  get bytes(): number {
    const full = Math.max(0, this.pages.length - 1) * pageRows;
    return (full + (this.pages.at(-1)?.ordinals.length ?? 0)) * this.bytesPerRow;
  }

  get bytesPerRow(): number {
    return this.rowBytes + 8 + (this.keepsVectors ? this.dimensions * floatBytes : 0);
  }

  /** The memory that the next row takes beyond what there is. */
  get bytesForNext(): number {
    return this.roomForNext() * this.bytesPerRow;
  }

  /** Adds a row of signs. */
  addSigns(set: number, ordinal: number, signs: Uint8Array): void {
    const { page, at } = this.nextRow(set, ordinal);
    page.bits.set(signs.subarray(0, this.rowBytes), at * this.rowBytes);
  }

  /** Adds a row of a vector; none for one without a direction where vectors are kept, which are brought to the length one. */
  addVector(set: number, ordinal: number, vector: Float32Array): void {
    if (this.keepsVectors && !normalise(vector, 0, vector.length)) return;
    const { page, at } = this.nextRow(set, ordinal);
    page.bits.set(signBits(vector), at * this.rowBytes);
    if (this.keepsVectors) page.vectors.set(vector, at * this.dimensions);
  }

  /** Drops all rows from this one on, and gives back the pages behind it. */
  truncate(rows: number): void {
    this.length = rows;
    this.pages.length = Math.ceil(rows / pageRows);
  }

  /** From now on signs alone are kept. */
  dropVectors(): void {
    this.keepsVectors = false;
    for (const page of this.pages) page.vectors = new Float32Array(0);
  }

  /** The rows from `start` to before `end`, page by page. */
  *pieces(start: number, end: number): Generator<RowPiece> {
    for (let at = start; at < end;) {
      const page = this.pages[Math.floor(at / pageRows)];
      if (page === undefined) return;
      const from = at % pageRows;
      const count = Math.min(end - at, pageRows - from);
      yield {
        first: at,
        count,
        bits: page.bits.subarray(from * this.rowBytes, (from + count) * this.rowBytes),
        vectors: this.keepsVectors
          ? page.vectors.subarray(from * this.dimensions, (from + count) * this.dimensions)
          : page.vectors,
      };
      at += count;
    }
  }

  /** The number of a row's set and its ordinal there; undefined for a row that is not there. */
  passage(row: number): { readonly set: number; readonly ordinal: number } | undefined {
    const page = this.pages[Math.floor(row / pageRows)];
    const at = row % pageRows;
    return page && { set: page.sets[at] ?? -1, ordinal: page.ordinals[at] ?? 0 };
  }

  /** The signs of a row, and where they begin. */
  bitsOf(row: number): readonly [Uint8Array, number] {
    const page = this.pages[Math.floor(row / pageRows)];
    if (page === undefined) throw new RangeError(`There is no row ${row}.`);
    return [page.bits, (row % pageRows) * this.rowBytes];
  }

  /** Writes a row over another one, as a row of this set. */
  move(from: number, to: number, set: number): void {
    const source = this.pages[Math.floor(from / pageRows)];
    const target = this.pages[Math.floor(to / pageRows)];
    if (source === undefined || target === undefined) return;
    const [left, right] = [from % pageRows, to % pageRows];
    target.sets[right] = set;
    target.ordinals[right] = source.ordinals[left] ?? 0;
    target.bits.set(source.bits.subarray(left * this.rowBytes, (left + 1) * this.rowBytes), right * this.rowBytes);
    if (!this.keepsVectors) return;
    target.vectors.set(source.vectors.subarray(left * this.dimensions, (left + 1) * this.dimensions), right * this.dimensions);
  }

  private roomForNext(): number {
    const page = this.pages[Math.floor(this.length / pageRows)];
    const has = page?.ordinals.length ?? 0;
    return this.length % pageRows < has ? 0 : Math.min(pageRows, Math.max(firstRows, 2 * has)) - has;
  }

  private nextRow(set: number, ordinal: number): { readonly page: Page; readonly at: number } {
    const place = Math.floor(this.length / pageRows);
    const at = this.length % pageRows;
    const room = this.roomForNext();
    if (room > 0) this.pages[place] = this.grown(this.pages[place], room);
    const page = this.pages[place];
    if (page === undefined) throw new RangeError('A page is missing.');
    page.sets[at] = set;
    page.ordinals[at] = ordinal;
    page.bits.fill(0, at * this.rowBytes, (at + 1) * this.rowBytes);
    this.length += 1;
    return { page, at };
  }

  private grown(page: Page | undefined, more: number): Page {
    const rows = (page?.ordinals.length ?? 0) + more;
    const larger: Page = {
      bits: new Uint8Array(rows * this.rowBytes),
      vectors: new Float32Array(this.keepsVectors ? rows * this.dimensions : 0),
      sets: new Int32Array(rows),
      ordinals: new Int32Array(rows),
    };
    if (page === undefined) return larger;
    larger.bits.set(page.bits);
    larger.vectors.set(page.vectors);
    larger.sets.set(page.sets);
    larger.ordinals.set(page.ordinals);
    return larger;
  }
}
