/** The clock of the database, as this process knows it: a clock of the machine that is set, or wrong, does not move it. */
export class StoreClock {
  private offsetMs = Date.now() - performance.now();

  /** The database has told the time, in milliseconds since 1970. */
  heard(nowMs: number): void {
    this.offsetMs = nowMs - performance.now();
  }

  nowMs(): number {
    return performance.now() + this.offsetMs;
  }
}
