import { KeptVectors } from './kept-vectors.js';
import { isKept, setKey, type KeptSets, type PassageSet } from './passage-set.js';
import { firstRows, RowPages, type RowPiece } from './row-pages.js';

/** A set of passages that may be searched; `version` is another one whenever its chunks may be others. */
export interface VersionedSet extends PassageSet {
  readonly version: string;
}

/** The rows of one set: they stand one after another. */
export interface BlockSet extends VersionedSet {
  readonly start: number;
  readonly count: number;
}

type Range = readonly [start: number, end: number];

/** Rows of sets that are gone stay until they are a quarter of all. */
const deadPart = 4;

/**
 * The passages of one target in memory: the signs of their vectors, or the vectors too. Rows are added at the end, first
 * without being seen; `commit` then shows them in one step, so a search that comes meanwhile sees a whole state.
 */
export class VectorBlock {
  /** Vectors of rows that were searched, where the block keeps signs alone. */
  readonly kept: KeptVectors;
  private readonly pages: RowPages;
  private layoutNumber = 0;
  private sets = new Map<string, BlockSet>();
  private setsByNumber: (BlockSet | undefined)[] = [];
  private seenRows = 0;
  private allRanges: readonly Range[] | undefined;

  constructor(
    readonly dimensions: number,
    keepVectors: boolean,
  ) {
    this.pages = new RowPages(dimensions, keepVectors);
    this.kept = new KeptVectors(dimensions);
  }

  get rowBytes(): number {
    return this.pages.rowBytes;
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
    return this.pages.hasVectors;
  }

  get bytes(): number {
    return this.pages.bytes + this.kept.bytes;
  }

  get bytesPerRow(): number {
    return this.pages.bytesPerRow;
  }

  /** The memory that the next row takes beyond what the block has. */
  get bytesForNext(): number {
    return this.pages.bytesForNext;
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
    this.pages.addSigns(set, ordinal, signs);
  }

  /** Adds a row of a vector; none for one without a direction where vectors are kept, which are brought to the length one. */
  addVector(set: number, ordinal: number, vector: Float32Array): void {
    this.pages.addVector(set, ordinal, vector);
  }

  /** Where the next row will stand. */
  get next(): number {
    return this.pages.rows;
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
    const { rows } = this.pages;
    if ((rows - this.seenRows) * deadPart > Math.max(rows, firstRows)) this.compact();
  }

  /** Takes back what was added and not committed. */
  rollback(from: number): void {
    this.pages.truncate(from);
  }

  /** From now on signs alone are kept. */
  dropVectors(): void {
    this.kept.clear();
    this.pages.dropVectors();
  }

  /** The rows of all sets, or of those that a filter keeps, piece by piece. */
  *pieces(kept?: KeptSets): Generator<RowPiece> {
    for (const [start, end] of this.rangesOf(kept)) yield* this.pages.pieces(start, end);
  }

  /** How many rows a filter keeps. */
  count(kept: KeptSets): number {
    if (kept === undefined) return this.seenRows;
    return this.rangesOf(kept).reduce((sum, [start, end]) => sum + end - start, 0);
  }

  /** The passage of a row that is seen. */
  passage(row: number): { readonly set: BlockSet; readonly ordinal: number } | undefined {
    const found = this.pages.passage(row);
    const set = this.setsByNumber[found?.set ?? -1];
    return found && set && { set, ordinal: found.ordinal };
  }

  /** The signs of a row, and where they begin. */
  bitsOf(row: number): readonly [Uint8Array, number] {
    return this.pages.bitsOf(row);
  }

  private remove(key: string): void {
    const set = this.sets.get(key);
    if (set === undefined) return;
    this.sets.delete(key);
    this.seenRows -= set.count;
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
      for (let row = 0; row < count; row += 1, to += 1) this.pages.move(start + row, to, number);
    }
    this.pages.truncate(to);
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
