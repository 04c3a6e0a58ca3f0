import { signBits } from '../vector-bytes.js';
import { rowBytes } from './bits/distances.js';
import { KeptVectors } from './kept-vectors.js';
import { isKept, setKey, type KeptSets, type PassageSet } from './passage-set.js';
import { normalise } from './vector-math.js';

/** A set of passages that may be searched; `version` is another one whenever its chunks may be others. */
export interface VersionedSet extends PassageSet {
  readonly version: string;
}

/** The rows of one set: they stand one after another. */
export interface BlockSet extends VersionedSet {
  readonly start: number;
  readonly count: number;
}

/** Some rows that stand together in memory. */
export interface RowPiece {
  /** The first row's number in the block. */
  readonly first: number;
  readonly count: number;
  readonly bits: Uint8Array;
  /** Of the length one; empty where the block keeps no vectors. */
  readonly vectors: Float32Array;
}

interface Page {
  bits: Uint8Array;
  vectors: Float32Array;
  /** The number of each row's set. */
  sets: Int32Array;
  ordinals: Int32Array;
}

type Range = readonly [start: number, end: number];

/** Rows of a page, and of a page that was just begun. */
const pageRows = 2_048;
const firstRows = 16;
/** Rows of sets that are gone stay until they are a quarter of all. */
const deadPart = 4;
const floatBytes = Float32Array.BYTES_PER_ELEMENT;

/**
 * The passages of one target in memory: the signs of their vectors, or the vectors too. Rows are added at the end, first
 * without being seen; `commit` then shows them in one step, so a search that comes meanwhile sees a whole state.
 */
export class VectorBlock {
  readonly rowBytes: number;
  /** Vectors of rows that were searched, where the block keeps signs alone. */
  readonly kept: KeptVectors;
  private layoutNumber = 0;
  private readonly pages: Page[] = [];
  private sets = new Map<string, BlockSet>();
  private setsByNumber: (BlockSet | undefined)[] = [];
  private rows = 0;
  private seenRows = 0;
  private keepsVectors: boolean;
  private allRanges: readonly Range[] | undefined;

  constructor(
    readonly dimensions: number,
    keepVectors: boolean,
  ) {
    this.rowBytes = rowBytes(dimensions);
    this.keepsVectors = keepVectors;
    this.kept = new KeptVectors(dimensions);
  }

  /** Another number whenever rows have moved. */
  get layout(): number {
    return this.layoutNumber;
  }

  /** How many passages a search sees. */
  get size(): number {
    return this.seenRows;
  }

  get hasVectors(): boolean {
    return this.keepsVectors;
  }

  get bytes(): number {
    const full = Math.max(0, this.pages.length - 1) * pageRows;
    return (full + (this.pages.at(-1)?.ordinals.length ?? 0)) * this.bytesPerRow + this.kept.bytes;
  }

  get bytesPerRow(): number {
    return this.rowBytes + 8 + (this.keepsVectors ? this.dimensions * floatBytes : 0);
  }

  /** The memory that the next row takes beyond what the block has. */
  get bytesForNext(): number {
    return this.roomForNext() * this.bytesPerRow;
  }

  versionOf(key: string): string | undefined {
    return this.sets.get(key)?.version;
  }

  keys(): Iterable<string> {
    return this.sets.keys();
  }

  /** Begins a set's rows. Returns the number that they are added with. */
  begin(): number {
    return this.setsByNumber.push(undefined) - 1;
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

  /** Where the next row will stand. */
  get next(): number {
    return this.rows;
  }

  /** Shows these sets, each with the number of `begin`, in the place of those that are named as gone. */
  commit(added: ReadonlyMap<number, BlockSet>, gone: Iterable<string>): void {
    for (const key of gone) this.remove(key);
    for (const [number, set] of added) {
      this.remove(setKey(set));
      this.sets.set(setKey(set), set);
      this.setsByNumber[number] = set;
      this.seenRows += set.count;
    }
    this.allRanges = undefined;
    if ((this.rows - this.seenRows) * deadPart > Math.max(this.rows, firstRows)) this.compact();
  }

  /** Takes back what was added and not committed. */
  rollback(from: number): void {
    this.rows = from;
    this.pages.length = Math.ceil(from / pageRows);
  }

  /** From now on signs alone are kept. */
  dropVectors(): void {
    this.keepsVectors = false;
    this.kept.clear();
    for (const page of this.pages) page.vectors = new Float32Array(0);
  }

  /** The rows of all sets, or of those that a filter keeps, piece by piece. */
  *pieces(kept?: KeptSets): Generator<RowPiece> {
    for (const [start, end] of this.rangesOf(kept)) {
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
  }

  /** How many rows a filter keeps. */
  count(kept: KeptSets): number {
    if (kept === undefined) return this.seenRows;
    return this.rangesOf(kept).reduce((sum, [start, end]) => sum + end - start, 0);
  }

  /** The passage of a row that is seen. */
  passage(row: number): { readonly set: BlockSet; readonly ordinal: number } | undefined {
    const page = this.pages[Math.floor(row / pageRows)];
    const at = row % pageRows;
    const set = this.setsByNumber[page?.sets[at] ?? -1];
    return page && set && { set, ordinal: page.ordinals[at] ?? 0 };
  }

  /** The signs of a row, and where they begin. */
  bitsOf(row: number): readonly [Uint8Array, number] {
    const page = this.pages[Math.floor(row / pageRows)];
    if (page === undefined) throw new RangeError(`There is no row ${row}.`);
    return [page.bits, (row % pageRows) * this.rowBytes];
  }

  private remove(key: string): void {
    const set = this.sets.get(key);
    if (set === undefined) return;
    this.sets.delete(key);
    this.seenRows -= set.count;
  }

  private roomForNext(): number {
    const page = this.pages[Math.floor(this.rows / pageRows)];
    const has = page?.ordinals.length ?? 0;
    return this.rows % pageRows < has ? 0 : Math.min(pageRows, Math.max(firstRows, 2 * has)) - has;
  }

  private nextRow(set: number, ordinal: number): { readonly page: Page; readonly at: number } {
    const place = Math.floor(this.rows / pageRows);
    const at = this.rows % pageRows;
    const room = this.roomForNext();
    if (room > 0) this.pages[place] = this.grown(this.pages[place], room);
    const page = this.pages[place];
    if (page === undefined) throw new RangeError('A page is missing.');
    page.sets[at] = set;
    page.ordinals[at] = ordinal;
    page.bits.fill(0, at * this.rowBytes, (at + 1) * this.rowBytes);
    this.rows += 1;
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

  private rangesOf(kept: KeptSets): readonly Range[] {
    if (kept === undefined) return (this.allRanges ??= joined([...this.sets.values()]));
    const sets: BlockSet[] = [];
    if (kept.size < this.sets.size) {
      for (const key of kept) {
        const set = this.sets.get(key);
        if (set !== undefined) sets.push(set);
      }
    } else for (const [key, set] of this.sets) if (isKept(kept, key)) sets.push(set);
    return joined(sets);
  }

  /** Moves the rows that are seen together, in place, and gives back the pages behind them. */
  private compact(): void {
    this.kept.clear();
    this.layoutNumber += 1;
    const sets = [...this.sets.values()].sort((left, right) => left.start - right.start);
    this.sets = new Map();
    this.setsByNumber = [];
    let to = 0;
    for (const { start, count, fileId, ingestionId, version } of sets) {
      const moved: BlockSet = { fileId, ingestionId, version, start: to, count };
      const number = this.setsByNumber.push(moved) - 1;
      this.sets.set(setKey(moved), moved);
      for (let row = 0; row < count; row += 1, to += 1) this.move(start + row, to, number);
    }
    this.rows = to;
    this.pages.length = Math.ceil(to / pageRows);
  }

  private move(from: number, to: number, set: number): void {
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
}

/** The rows of these sets, neighbours as one range. */
function joined(sets: BlockSet[]): Range[] {
  const ranges: [number, number][] = [];
  for (const { start, count } of sets.sort((left, right) => left.start - right.start)) {
    const last = ranges.at(-1);
    if (count === 0) continue;
    if (last?.[1] === start) last[1] = start + count;
    else ranges.push([start, start + count]);
  }
  return ranges;
}
