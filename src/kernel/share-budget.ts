/** How long a holder that asked counts as one that wants some, in milliseconds. */
const wantMs = 5_000;

/** What part of the whole is one tenant's share where the settings say nothing, in percent. */
export const usualSharePercent = 33;

/** What `percent` of the whole come to, rounded, and at least one. */
export function shareOf(total: number, percent: number): number {
  return Math.max(1, Math.round((total * percent) / 100));
}

interface Asking {
  readonly holder: string;
  readonly at: number;
}

/**
 * Memory of one process that several holders (tenants) share, so that none of them can take it from the others.
 *
 * The rule.
 * 1. Within its share a holder may take whatever is free.
 * 2. Beyond its share it may take only while nobody else holds any or has asked within the last five seconds, and only so
 *    much that a share stays free.
 *
 * What follows. At most one holder is beyond its share, and the others can always hold a share together, whatever that one
 * does; it is refused more as soon as one of them asks. What it holds already is not taken away. A single piece that is
 * larger than what one holder may have while it is alone can never be taken. With a share of half the whole or more nobody
 * goes beyond it.
 */
export class ShareBudget {
  private readonly byHolder = new Map<string, number>();
  private readonly shareBytes: number;
  /** What one holder may have while it is alone. */
  private readonly aloneBytes: number;
  private usedBytes = 0;
  /** Who asked last, and the last one who asked before that and is somebody else. */
  private lastAsking: Asking | undefined;
  private otherAsking: Asking | undefined;

  /**
   * @param totalBytes the whole.
   * @param sharePercent what part of it is one holder's share, from 1 to 100.
   * @param now a clock in milliseconds that never goes back.
   */
  constructor(
    private readonly totalBytes: number,
    sharePercent = usualSharePercent,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.shareBytes = shareOf(totalBytes, sharePercent);
    this.aloneBytes = Math.max(this.shareBytes, totalBytes - this.shareBytes);
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
    const limit = isWithinShare ? this.totalBytes : this.aloneBytes;
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
