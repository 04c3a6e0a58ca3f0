import { holdsMs, type LimitAnswer, type LimitAsk } from '../../platform/limits/limit-store.js';
import { leasedFrom, type CallLimit } from './call-limit.js';
import { Lease, type LimitRefusal, type LimitState } from './lease.js';

/** The store hears so often that the process holds its places. */
const renewMs = holdsMs / 4;

/** Places that are free are kept so long after the last use. */
const keptMs = 2_000;

/** So long a measure of how many are in use lasts. */
const measureMs = 1_000;

/** A call that finds all places taken may try again after this. */
const tryAgainMs = 1_000;

/** Places of calls that run at once. The process holds some, in use or free, and says so as long as it lives. */
export class ParallelLease extends Lease<CallLimit, LimitAsk> {
  private inUse = 0;
  /** In use and free. */
  private places = 0;
  private saidAtMs = -Infinity;
  /** The most that were in use at once in this measure and in the one before. */
  private peak = 0;
  private peakBefore = 0;
  private measuredFromMs = 0;

  has(units: number): boolean {
    const most = this.sharedBy === null ? this.places : Math.max(this.places, this.limit.most);
    return this.inUse + units <= most;
  }

  take(units: number, nowMs: number): void {
    this.inUse += units;
    this.usedAtMs = nowMs;
    this.measure(nowMs);
    this.peak = Math.max(this.peak, this.inUse);
  }

  giveBack(units: number): void {
    this.inUse -= units;
  }

  ask(needs: readonly number[], nowMs: number): LimitAsk {
    const ahead = this.target(nowMs);
    const free = this.isShort ? 0 : Math.min(Math.max(0, this.places - this.inUse), ahead);
    // Fewer at once, more only when the store has said so.
    this.places = this.inUse + (needs.length > 0 ? 0 : free);
    this.saidAtMs = nowMs;
    const { id, most, epoch } = this.limit;
    return { id, unit: 'parallel', most, epoch, back: 0, have: this.places, needs, ahead: Math.max(0, ahead - free) };
  }

  isDue(nowMs: number): boolean {
    if (this.sharedBy !== null || (this.places > 0 && nowMs - this.saidAtMs > renewMs)) return true;
    // Whoever holds places that it does not use must hear when they are short elsewhere.
    return this.places > this.inUse || this.isPressing();
  }

  isPressing(): boolean {
    const free = this.places - this.inUse;
    // Where none are kept ahead, what is free is somebody else's at once; elsewhere it is told with the next tick.
    return this.isScarce() ? free !== 0 : free <= 0;
  }

  isIdle(): boolean {
    return this.places === 0 && this.inUse === 0;
  }

  state(): LimitState<CallLimit> {
    const { limit } = this;
    const free = this.sharedBy === null ? this.storeLeft + this.places - this.inUse : limit.most - this.inUse;
    return { limit, left: Math.min(limit.most, Math.max(0, Math.floor(free))), fullInMs: 0 };
  }

  refusal(need: number): LimitRefusal<CallLimit> {
    const { limit } = this;
    return { limit, need, left: 0, waitMs: need > limit.most ? null : tryAgainMs };
  }

  lost(): void {
    // The store may believe more, never less.
  }

  settle(): void {
    // A free place is kept or given up with the next ask.
  }

  protected granted({ granted }: LimitAnswer): void {
    this.places += granted;
  }

  protected forget(): void {
    this.places = Math.min(this.places, this.inUse);
  }

  protected left(): void {
    // Each process counts by itself.
  }

  private isScarce(): boolean {
    return this.limit.most < leasedFrom || this.isShort || this.storeLeft <= this.limit.most / 10;
  }

  /** Free places to keep: as many as were in use at once lately and a quarter more, within a tenth of the limit. */
  private target(nowMs: number): number {
    if (this.limit.most < leasedFrom || nowMs - this.usedAtMs > keptMs) return 0;
    this.measure(nowMs);
    const wanted = Math.ceil(Math.max(this.peak, this.peakBefore) * 1.25) + 1 - this.inUse;
    return Math.min(Math.max(wanted, 1), Math.floor(this.limit.most / 10));
  }

  private measure(nowMs: number): void {
    const forMs = nowMs - this.measuredFromMs;
    if (forMs < measureMs) return;
    this.peakBefore = forMs < 2 * measureMs ? this.peak : this.inUse;
    this.peak = this.inUse;
    this.measuredFromMs = nowMs;
  }
}
