/** What unpacking an archive may cost. */
export interface UnpackLimits {
  /** All entries together, unpacked, in bytes. */
  readonly maxBytes: number;
  /** Unpacked over packed size of one entry; it counts once the entry is larger than `ratioFromBytes`. */
  readonly maxRatio: number;
  readonly ratioFromBytes: number;
}

/** The limit that was passed: of all entries together, or of how tightly one is packed. */
export type UnpackFault = 'bytes' | 'ratio';

/**
 * Counts what really comes out of an archive, since directories lie: a small file must not become a large one, nor an
 * entry of nothing fill a disk.
 */
export class UnpackGuard {
  private unpacked = 0;

  constructor(private readonly limits: UnpackLimits) {}

  /** Whether no real document is packed so tightly. */
  isTooDense(unpacked: number, packed: number): boolean {
    return unpacked > this.limits.ratioFromBytes && unpacked > packed * this.limits.maxRatio;
  }

  /**
   * Judges one entry as its pieces come, each by its length in bytes. What is read `ahead`, to be read again, is judged too
   * but not added to the whole.
   */
  entry(packed: number, isAhead = false): (length: number) => UnpackFault | undefined {
    let bytes = 0;
    return (length) => {
      bytes += length;
      if (!isAhead) this.unpacked += length;
      if (this.unpacked + (isAhead ? bytes : 0) > this.limits.maxBytes) return 'bytes';
      return this.isTooDense(bytes, packed) ? 'ratio' : undefined;
    };
  }
}
