import type { LimitAnswer, LimitAsk } from '../../platform/limits/limit-store.js';
import { leasedFrom, type CallLimit } from './call-limit.js';
import { Lease, type LimitRefusal, type LimitState } from './lease.js';
import { RecentUse } from './recent-use.js';

/** Units are kept ahead for so long after the last use, at least for one more call. */
const keptMs = 2_000;

/**
 * Units of a limit a minute. They are taken out of the limit's bucket before they are used, so that the bucket and what all
 * processes hold are never more than the limit.
 */
export class RateLease extends Lease<CallLimit, LimitAsk> {
  /** Taken out of the bucket and not used. */
  private units = 0;
  /** As many of them as the store takes to be held here, once the waiting calls are served. */
  private known = 0;
  /** What the bucket is to hear: units that go back; below zero, units that were used and not taken out. */
  private back = 0;
  private readonly use = new RecentUse();
  /** What is free for this process alone while the store is away, and when it was. */
  private own = 0;
  private ownAtMs = 0;

  has(units: number, nowMs: number): boolean {
    return units <= this.units + this.ownNow(nowMs);
  }

  take(units: number, nowMs: number): void {
    this.use.add(units, nowMs);
    this.usedAtMs = nowMs;
    const held = Math.min(units, Math.max(this.units, 0));
    this.units -= held;
    if (held === units) return;
    // The store is away: it hears of the rest when it is back.
    this.own = this.ownNow(nowMs) - (units - held);
    this.ownAtMs = nowMs;
    this.back -= units - held;
  }

  giveBack(units: number): void {
    this.back += units;
  }

  ask(needs: readonly number[], nowMs: number): LimitAsk {
    const kept = needs.length > 0 ? this.units : Math.min(this.units, this.isShort ? 0 : this.target(nowMs));
    const back = this.back + this.units - kept;
    this.units = kept;
    this.known = kept;
    this.back = 0;
    const { id, most, epoch } = this.limit;
    const ahead = most < leasedFrom ? 0 : Math.max(0, this.target(nowMs) - (needs.length > 0 ? 0 : kept));
    return { id, unit: 'rate', most, epoch, back, have: kept, needs, ahead };
  }

  isDue(nowMs: number): boolean {
    if (this.back !== 0 || this.sharedBy !== null) return true;
    // Whoever holds units that it does not use must hear when they are short elsewhere.
    return this.units > 0 || (this.target(nowMs) > 0 && !this.isScarce());
  }

  isPressing(nowMs: number): boolean {
    return this.isScarce() ? this.back !== 0 : this.units < this.target(nowMs) / 2;
  }

  isIdle(nowMs: number): boolean {
    // Without the store this lease alone knows what is spent of its share.
    const isSpent = this.sharedBy !== null && this.ownNow(nowMs) < this.limit.most / this.sharedBy;
    return this.units === 0 && this.back === 0 && !isSpent;
  }

  state(nowMs: number): LimitState<CallLimit> {
    const { most } = this.limit;
    const perMs = most / 60_000;
    const left = Math.min(most, Math.max(0, Math.floor(this.leftNow(nowMs) + this.units)));
    return { limit: this.limit, left, fullInMs: perMs === 0 ? 0 : Math.ceil((most - left) / perMs) };
  }

  refusal(need: number, nowMs: number): LimitRefusal<CallLimit> {
    const { limit } = this;
    const { left } = this.state(nowMs);
    const missing = need - Math.min(this.leftNow(nowMs) + this.units, need);
    const waitMs = need > limit.most ? null : Math.max(1, Math.ceil((missing * 60_000) / limit.most));
    return { limit, need, left: Math.min(left, need), waitMs };
  }

  lost(ask: LimitAsk): void {
    // What was to go back may be there or not: then it fills up again. What is owed is owed.
    if (ask.back < 0) this.back += ask.back;
  }

  settle(): void {
    if (this.units <= this.known) return;
    this.back += this.units - this.known;
    this.units = this.known;
  }

  protected granted({ granted, fits }: LimitAnswer, { have, needs }: LimitAsk): void {
    this.units += granted;
    this.known = have + granted - needs.slice(0, fits).reduce((sum, need) => sum + need, 0);
  }

  protected forget(): void {
    this.back += this.units;
    this.units = 0;
    this.known = 0;
  }

  protected left(processes: number, nowMs: number): void {
    this.own = Math.max(0, this.leftNow(nowMs)) / processes;
    this.ownAtMs = nowMs;
  }

  private ownNow(nowMs: number): number {
    if (this.sharedBy === null) return 0;
    const most = this.limit.most / this.sharedBy;
    return Math.min(most, this.own + ((nowMs - this.ownAtMs) * most) / 60_000);
  }

  private leftNow(nowMs: number): number {
    if (this.sharedBy !== null) return this.ownNow(nowMs);
    if (this.storeLeftAtMs === -Infinity) return this.limit.most;
    return Math.min(this.limit.most, this.storeLeft + ((nowMs - this.storeLeftAtMs) * this.limit.most) / 60_000);
  }

  /** The last tenth of a limit is nobody's ahead. */
  private isScarce(): boolean {
    return this.limit.most < leasedFrom || this.isShort || this.storeLeft <= this.limit.most / 10;
  }

  /** How much to keep ahead: what is used in a measure and a half, within a tenth of the limit; for a while what one call needs. */
  private target(nowMs: number): number {
    if (this.limit.most < leasedFrom || nowMs - this.usedAtMs > keptMs) return 0;
    return this.use.ahead(nowMs, Math.floor(this.limit.most / 10));
  }
}
