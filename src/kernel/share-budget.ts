/** How long a holder that asked counts as one that wants some, in milliseconds. */
const wantMs = 5_000;

interface Asking {
  readonly holder: string;
  readonly at: number;
}

/**
 * Memory of one process that several holders (tenants) share, so that none of them can take it from the others.
 *
 * The rule. A holder's share is a third of the whole.
 * 1. Within its share a holder may take whatever is free.
 * 2. Beyond its share it may take only while nobody else holds any or has asked within the last five seconds, and only so
 *    much that a third of the whole stays free.
 *
 * What follows. At most one holder is beyond its share, and it never holds more than two thirds. So the others can always
 * hold a third together, whatever that one does, and it is refused more as soon as one of them asks. What it holds already
 * is not taken away. A single piece larger than two thirds of the whole can never be taken.
 */
export class ShareBudget {
  private readonly byHolder = new Map<string, number>();
  private readonly shareBytes: number;
  private usedBytes = 0;
  /** Who asked last, and the last one who asked before that and is somebody else. */
  private lastAsking: Asking | undefined;
  private otherAsking: Asking | undefined;

  /**
   * @param totalBytes the whole.
   * @param now a clock in milliseconds that never goes back.
   */
  constructor(
    private readonly totalBytes: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.shareBytes = Math.floor(totalBytes / 3);
  }

  /** Bytes that all holders hold together. */
  get heldBytes(): number {
    return this.usedBytes;
  }

  /** Takes bytes for a holder, or takes nothing and says false: the holder is to be answered that the process is busy. */
  take(holder: string, bytes: number): boolean {
    const at = this.now();
    const held = this.byHolder.get(holder) ?? 0;
    const isWithinShare = held + bytes <= this.shareBytes;
    const limit = isWithinShare ? this.totalBytes : this.totalBytes - this.shareBytes;
    const isGranted = this.usedBytes + bytes <= limit && (isWithinShare || !this.isWantedByOthers(holder, held, at));
    this.remember(holder, at);
    if (!isGranted) return false;
    if (bytes === 0) return true;
    this.byHolder.set(holder, held + bytes);
    this.usedBytes += bytes;
    return true;
  }

  /** Gives bytes back that were taken before. */
  giveBack(holder: string, bytes: number): void {
    const held = this.byHolder.get(holder) ?? 0;
    const given = Math.min(bytes, held);
    this.usedBytes -= given;
    if (given === held) this.byHolder.delete(holder);
    else this.byHolder.set(holder, held - given);
  }

  private isWantedByOthers(holder: string, held: number, at: number): boolean {
    if (this.byHolder.size > (held > 0 ? 1 : 0)) return true;
    const other = this.lastAsking?.holder === holder ? this.otherAsking : this.lastAsking;
    return other !== undefined && at - other.at < wantMs;
  }

  private remember(holder: string, at: number): void {
    if (this.lastAsking !== undefined && this.lastAsking.holder !== holder) this.otherAsking = this.lastAsking;
    this.lastAsking = { holder, at };
  }
}
