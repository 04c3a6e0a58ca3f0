import { JobLaterError } from './job-run.js';

/** How long a job waits for a place of its tenant before it lets others have their turn. */
const waitMs = 500;
/** When a job that was put off comes back at the earliest, and how far apart those of one tenant come back. */
const laterMs = 1_000;
const apartMs = 10;

/** How the places of a worker are shared. */
export interface PlaceShares {
  /** How many places there are. */
  readonly all: number;
  /** How many of them one tenant may have. */
  readonly ofOne: number;
  /** So many, the last ones, go only to tenants that have none: a few that keep theirs for long do not hold up all others. */
  readonly spare: number;
}

/**
 * The places of this worker process, by tenant. Whoever has all that it may have waits a moment and then goes
 * back into the queue, so that another tenant's job is never behind them all. Of a long row only the first one waits:
 * the others go back at once.
 */
export class TenantPlaces {
  private readonly taken = new Map<string, number>();
  private readonly waiting = new Map<string, Set<() => void>>();
  /** When the last job of a tenant that was put off comes back, on the clock of `performance.now()`. */
  private readonly backAt = new Map<string, number>();
  /** Tenants that have left a place since a job of theirs was put off. */
  private readonly moving = new Set<string>();
  private used = 0;

  constructor(private readonly shares: PlaceShares) {}

  /** At least half of the places are taken. */
  get isBusy(): boolean {
    return this.used * 2 >= this.shares.all;
  }

  /** Takes a place; the function that is given back leaves it. @throws JobLaterError when none became free. */
  async take(tenantId: string): Promise<() => void> {
    if (this.isFull(tenantId) && this.isWorthWaiting(tenantId)) await this.untilLeft(tenantId);
    if (this.isFull(tenantId)) throw new JobLaterError(this.delay(tenantId));
    this.taken.set(tenantId, (this.taken.get(tenantId) ?? 0) + 1);
    this.used += 1;
    return () => this.leave(tenantId);
  }

  private isFull(tenantId: string): boolean {
    const held = this.taken.get(tenantId) ?? 0;
    const { all, ofOne, spare } = this.shares;
    return held >= ofOne || this.used >= all || (held > 0 && this.used >= all - spare);
  }

  /** No job of the tenant is put off, or its places have become free again since: small files leave theirs in no time. */
  private isWorthWaiting(tenantId: string): boolean {
    return this.moving.has(tenantId) || (this.backAt.get(tenantId) ?? 0) <= performance.now();
  }

  /** Thousands of jobs must not come back all at once, over and over. */
  private delay(tenantId: string): number {
    const now = performance.now();
    const at = Math.max(now + laterMs, (this.backAt.get(tenantId) ?? 0) + apartMs);
    this.backAt.set(tenantId, at);
    this.moving.delete(tenantId);
    return Math.ceil(at - now);
  }

  private leave(tenantId: string): void {
    const left = (this.taken.get(tenantId) ?? 1) - 1;
    this.used -= 1;
    if (left > 0) {
      this.taken.set(tenantId, left);
      this.moving.add(tenantId);
    } else {
      this.taken.delete(tenantId);
      this.backAt.delete(tenantId);
      this.moving.delete(tenantId);
    }
    for (const [waiter, wakes] of this.waiting) if (!this.isFull(waiter)) for (const wake of wakes) wake();
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
