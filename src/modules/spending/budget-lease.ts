import { newId } from '../../kernel/ids.js';
import type { BudgetAnswer, BudgetAsk } from '../../platform/budgets/budget-store.js';
import { Lease, type LimitRefusal, type LimitState } from '../limits/lease.js';
import { RecentUse } from '../limits/recent-use.js';
import type { BudgetLimit } from './budget-limit.js';
import { headOf } from './claims.js';

/** Units are kept ahead for so long after the last use. */
const keptMs = 2_000;

/** A slice that nobody uses is forgotten after this; the next call begins another one. */
const idleMs = 60_000;

/** What was spent in all may be more than a number tells exactly: then nothing is left of any budget. */
const most = Number.MAX_SAFE_INTEGER;

/** A call that others' reservations leave no room for may try again after this. */
const tryAgainMs = 1_000;

type Amounts = [have: number, free: number, reserved: number];

/**
 * A slice of a budget: what this process has taken out of it. All that it holds is told in each exchange, so that whatever is
 * lost on the way is set right by the next one.
 */
export class BudgetLease extends Lease<BudgetLimit, BudgetAsk, BudgetAnswer> {
  readonly sliceId = newId('budgetSlice');
  /** How each of its claims begins as text. */
  readonly claimHead: string;
  private free = 0;
  private reserved = 0;
  private spent = 0;
  /** As much of what is free as the store takes to be free here, once the waiting calls are served. */
  private known = 0;
  /** What the store was told last. */
  private toldHeld = 0;
  private toldReserved = 0;
  private turn = 0;
  private readonly use = new RecentUse();
  /** What there is for a call when everybody has given back; null: nobody has asked. */
  private later: number | null = null;

  constructor(limit: BudgetLimit) {
    super(limit);
    this.claimHead = headOf(limit, this.sliceId);
  }

  has(units: number): boolean {
    return units <= this.free;
  }

  take(units: number, nowMs: number): void {
    this.use.add(units, nowMs);
    this.usedAtMs = nowMs;
    this.reserved += units;
    this.free -= units;
  }

  giveBack(units: number): void {
    this.reserved -= units;
    this.free += units;
  }

  /** A call for which so many units were reserved has taken so many. */
  spend(reserved: number, taken: number): void {
    this.reserved -= reserved;
    this.spent += taken;
    this.free += reserved - taken;
  }

  ask(needs: readonly number[], nowMs: number): BudgetAsk {
    // What was spent beyond the reservation is taken now.
    this.free = Math.max(this.free, 0);
    // While the store is away nobody else gets what would be given back.
    if (needs.length === 0 && this.sharedBy === null) this.free = Math.min(this.free, this.isShort ? 0 : this.target(nowMs));
    this.known = this.free;
    this.toldHeld = this.held();
    this.toldReserved = this.reserved;
    this.turn += 1;
    const { id, tenantId, budgetId, startsAtMs, endsAtMs } = this.limit;
    const ahead = Math.max(0, this.target(nowMs) - (needs.length > 0 ? 0 : this.free));
    const { sliceId, turn } = this;
    const [have, free, reserved] = [this.held(), this.free, this.reserved].map((units) => Math.min(units, most)) as Amounts;
    return { id, tenantId, budgetId, startsAtMs, endsAtMs, sliceId, turn, have, free, reserved, needs, ahead };
  }

  isDue(nowMs: number): boolean {
    if (this.sharedBy !== null || this.isUntold()) return true;
    // Whoever holds units that it does not use must hear when they are short elsewhere.
    return this.free > 0 || (this.target(nowMs) > 0 && !this.isScarce());
  }

  isPressing(nowMs: number): boolean {
    return this.isScarce() ? this.free !== 0 : this.free < this.target(nowMs) / 2;
  }

  isIdle(nowMs: number): boolean {
    return this.free === 0 && this.reserved === 0 && !this.isUntold() && nowMs - this.usedAtMs > idleMs;
  }

  state(): LimitState<BudgetLimit> {
    const left = Math.max(0, Math.min(this.limit.most, this.storeLeft + this.free));
    return { limit: this.limit, left, fullInMs: 0 };
  }

  /** Final when the call would not fit even if all that is reserved were given back. */
  refusal(need: number): LimitRefusal<BudgetLimit> {
    const isFinal = need > this.limit.most || (this.later !== null && need > this.later);
    return { limit: this.limit, need, left: Math.min(this.state().left, need), waitMs: isFinal ? null : tryAgainMs };
  }

  lost(): void {
    // The next ask tells all that is held.
    this.toldHeld = -1;
  }

  settle(): void {
    this.free = Math.min(this.free, Math.max(this.known, 0));
  }

  protected granted({ granted, fits, later, isGone }: BudgetAnswer, { free, needs }: BudgetAsk): void {
    const kept = isGone ? 0 : free;
    if (isGone) this.free = 0;
    this.free += granted;
    this.toldHeld += granted + kept - free;
    this.later = later;
    const summed = needs.slice(0, fits).reduce((sum, need) => sum + need, 0);
    this.known = kept + granted - summed;
    this.toldReserved += summed;
  }

  override renamed(): void {
    this.toldHeld = -1;
  }

  protected forget(): void {
    // The store knows the amount.
  }

  protected left(): void {
    // Without its store a process goes on with what it holds, and with nothing more.
  }

  private held(): number {
    return this.free + this.reserved + this.spent;
  }

  private isUntold(): boolean {
    return this.toldHeld !== this.held() || this.toldReserved !== this.reserved || this.known !== this.free;
  }

  /** The last tenth of a budget is nobody's ahead. */
  private isScarce(): boolean {
    return this.isShort || this.storeLeft <= this.limit.most / 10;
  }

  /** How much to keep ahead: what is used in a measure and a half, within a tenth of the budget. */
  private target(nowMs: number): number {
    if (nowMs - this.usedAtMs > keptMs) return 0;
    return this.use.ahead(nowMs, Math.floor(this.limit.most / 10));
  }
}
