/** So long a measure of what is used lasts. */
const measureMs = 250;

/** What calls took of a limit lately, to keep as much ahead of the next ones. */
export class RecentUse {
  private lastNeed = 0;
  private used = 0;
  private usedBefore = 0;
  private measuredFromMs = 0;

  /** A call takes so many units. */
  add(units: number, nowMs: number): void {
    this.measure(nowMs);
    this.lastNeed = units;
    this.used += units;
  }

  /** How much to keep ahead: what is used in a measure and a half, at least what the last call took; nothing where that is too much. */
  ahead(nowMs: number, most: number): number {
    this.measure(nowMs);
    if (this.lastNeed > most) return 0;
    return Math.min(Math.max(Math.ceil(Math.max(this.used, this.usedBefore) * 1.5), this.lastNeed), most);
  }

  private measure(nowMs: number): void {
    const forMs = nowMs - this.measuredFromMs;
    if (forMs < measureMs) return;
    this.usedBefore = forMs < 2 * measureMs ? this.used : 0;
    this.used = 0;
    this.measuredFromMs = nowMs;
  }
}
