import type { Segment } from './segment.js';

/** What is kept of one target and embedding model. */
export class Matrix {
  readonly segments = new Map<string, Segment>();
  /** The ready sets of passages that the segments stand for, as one text; undefined while some are missing. */
  signature: string | undefined;
  /** Room that was made for segments that are being read. */
  reservedBytes = 0;

  /** Leaves out the sets that are not among these, each with its version. */
  keepOnly(versions: ReadonlyMap<string, string>): void {
    this.signature = undefined;
    for (const [key, { version }] of this.segments) if (versions.get(key) !== version) this.segments.delete(key);
  }

  get bytes(): number {
    let bytes = this.reservedBytes;
    for (const segment of this.segments.values()) bytes += segment.bytes;
    return bytes;
  }
}

/** Matrices under a cap on their memory; the least recently used one leaves first. */
export class MatrixCache {
  private readonly matrices = new Map<string, Matrix>();

  constructor(private readonly capBytes: number) {}

  /** The matrix of this key, now the most recently used one. */
  get(key: string): Matrix | undefined {
    const matrix = this.matrices.get(key);
    if (matrix === undefined) return undefined;
    this.matrices.delete(key);
    this.matrices.set(key, matrix);
    return matrix;
  }

  /**
   * Makes room for `bytes` more in this key's matrix and gives it, or undefined when it would not fit beneath the cap even
   * alone; such a matrix is not kept, and nobody else's is thrown out for it.
   */
  reserve(key: string, bytes: number): Matrix | undefined {
    const matrix = this.get(key) ?? new Matrix();
    if (matrix.bytes + bytes > this.capBytes) {
      this.matrices.delete(key);
      return undefined;
    }
    this.matrices.set(key, matrix);
    matrix.reservedBytes = bytes;
    let total = this.bytes;
    for (const [other, { bytes: freed }] of this.matrices) {
      if (total <= this.capBytes) break;
      if (other === key) continue;
      this.matrices.delete(other);
      total -= freed;
    }
    return matrix;
  }

  get bytes(): number {
    let bytes = 0;
    for (const matrix of this.matrices.values()) bytes += matrix.bytes;
    return bytes;
  }
}
