/**
 * How fast a process makes the requests of one batch. Where it is told to wait, all of its requests wait, and half as many run
 * at a time afterwards; with each that goes well there are more again.
 */
export class Pace {
  /** How often in a row it had to wait. */
  throttles = 0;
  private parallel: number;
  private pausedUntil = 0;

  /** @param all so many may run at a time at the most. @param now a clock in milliseconds. */
  constructor(
    private readonly all: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.parallel = all;
  }

  /** So many requests may run at a time now. */
  get most(): number {
    return Math.max(1, Math.floor(this.parallel));
  }

  /** For how long no request is to be begun, in milliseconds; 0 or less: they may. */
  get pauseMs(): number {
    return this.pausedUntil - this.now();
  }

  wentWell(): void {
    this.throttles = 0;
    this.parallel = Math.min(this.parallel + 1 / this.parallel, this.all);
  }

  /** A request was told to wait for so long. Of those that are told at the same time, one counts. */
  toldToWait(waitMs: number): void {
    if (this.pauseMs <= 0) {
      this.throttles += 1;
      this.parallel = Math.max(1, this.parallel / 2);
    }
    this.pausedUntil = Math.max(this.pausedUntil, this.now() + waitMs);
  }
}
