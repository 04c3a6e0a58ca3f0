import { JobLaterError } from './job-run.js';

/** How long a job waits for a place of its tenant before it lets others have their turn. */
const waitMs = 500;
/** When a job that was put off comes back at the earliest, and how far apart those of one tenant come back. */
const laterMs = 1_000;
const apartMs = 10;

/**
 * The places of this worker process, by tenant. Whoever has all that one tenant may have waits a moment and then goes
 * back into the queue, so that another tenant's job is never behind them all. Of a long row only the first one waits:
 * the others go back at once.
 */
export class TenantPlaces {
  private readonly taken = new Map<string, number>();
  private readonly waiting = new Map<string, Set<() => void>>();
  /** When the last job of a tenant that was put off comes back, on the clock of `performance.now()`. */
  private readonly backAt = new Map<string, number>();

  /** @param placesOfOne how many of the worker's places one tenant may have. */
  constructor(private readonly placesOfOne: number) {}

  /** Takes a place; the function that is given back leaves it. @throws JobLaterError when none became free. */
  async take(tenantId: string): Promise<() => void> {
    if (this.isFull(tenantId) && (this.backAt.get(tenantId) ?? 0) <= performance.now()) await this.untilLeft(tenantId);
    if (this.isFull(tenantId)) throw new JobLaterError(this.delay(tenantId));
    this.taken.set(tenantId, (this.taken.get(tenantId) ?? 0) + 1);
    return () => this.leave(tenantId);
  }

  private isFull(tenantId: string): boolean {
    return (this.taken.get(tenantId) ?? 0) >= this.placesOfOne;
  }

  /** Thousands of jobs must not come back all at once, over and over. */
  private delay(tenantId: string): number {
    const now = performance.now();
    const at = Math.max(now + laterMs, (this.backAt.get(tenantId) ?? 0) + apartMs);
    this.backAt.set(tenantId, at);
    return Math.ceil(at - now);
  }

  private leave(tenantId: string): void {
    const left = (this.taken.get(tenantId) ?? 1) - 1;
    if (left > 0) this.taken.set(tenantId, left);
    else {
      this.taken.delete(tenantId);
      this.backAt.delete(tenantId);
    }
    for (const wake of this.waiting.get(tenantId) ?? []) wake();
  }

  private untilLeft(tenantId: string): Promise<void> {
    const waiting = this.waiting.get(tenantId) ?? new Set();
    this.waiting.set(tenantId, waiting);
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        waiting.delete(wake);
        if (waiting.size === 0) this.waiting.delete(tenantId);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      waiting.add(wake);
    });
  }
}
