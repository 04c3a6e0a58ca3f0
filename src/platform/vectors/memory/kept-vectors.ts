/** What a vector takes beside its numbers. */
const overheadBytes = 256;

/**
 * Vectors of some rows of a block that were read for a search and may be asked for again. Two generations: what the young one
 * has no room for throws out the old one, and what is asked for becomes young.
 */
export class KeptVectors {
  private young = new Map<number, Float32Array>();
  private old = new Map<number, Float32Array>();

  constructor(dimensions: number) {
    this.bytesEach = dimensions * Float32Array.BYTES_PER_ELEMENT + overheadBytes;
  }

  readonly bytesEach: number;

  get bytes(): number {
    return (this.young.size + this.old.size) * this.bytesEach;
  }

  get(row: number): Float32Array | undefined {
    const young = this.young.get(row);
    if (young !== undefined) return young;
    const old = this.old.get(row);
    if (old === undefined) return undefined;
    this.old.delete(row);
    this.young.set(row, old);
    return old;
  }

  keep(row: number, vector: Float32Array): void {
    this.young.set(row, vector);
  }

  /** Gives up the older half or so. */
  age(): void {
    this.old = this.young;
    this.young = new Map();
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }
}
