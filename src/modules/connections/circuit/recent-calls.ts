/** What of a connection's calls is told: those of the last five minutes. */
export interface CallSums {
  readonly calls: number;
  readonly failures: number;
  /** The latest failure among them. */
  readonly lastFailure: { readonly code: string; readonly atMs: number } | null;
}

/** How far back calls count, and in which steps they are forgotten. */
export const recentMs = 300_000;
export const stepMs = 15_000;
const steps = recentMs / stepMs;

/** Counts calls of the last minutes in a fixed room. The clock is the caller's, in milliseconds. */
export class RecentCalls {
  /** Which step of the clock each place counts. */
  private readonly stepAt = new Float64Array(steps).fill(-1);
  private readonly calls = new Uint32Array(steps);
  private readonly failures = new Uint32Array(steps);
  private lastFailure: CallSums['lastFailure'] = null;

  /** @param failure the code of what went wrong; null when nothing did. */
  add(nowMs: number, failure: string | null): void {
    const step = Math.floor(nowMs / stepMs);
    const place = step % steps;
    if (this.stepAt[place] !== step) {
      this.stepAt[place] = step;
      this.calls[place] = 0;
      this.failures[place] = 0;
    }
    this.calls[place] = (this.calls[place] ?? 0) + 1;
    if (failure === null) return;
    this.failures[place] = (this.failures[place] ?? 0) + 1;
    this.lastFailure = { code: failure, atMs: nowMs };
  }

  sums(nowMs: number): CallSums {
    const newest = Math.floor(nowMs / stepMs);
    const counts = (step: number): boolean => step > newest - steps && step <= newest;
    let [calls, failures] = [0, 0];
    for (let place = 0; place < steps; place += 1) {
      if (!counts(this.stepAt[place] ?? -1)) continue;
      calls += this.calls[place] ?? 0;
      failures += this.failures[place] ?? 0;
    }
    const isRecent = this.lastFailure !== null && counts(Math.floor(this.lastFailure.atMs / stepMs));
    return { calls, failures, lastFailure: isRecent ? this.lastFailure : null };
  }
}
