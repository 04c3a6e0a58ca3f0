import type { AppError } from '../../kernel/app-error.js';
import type { Metrics } from '../../observability/metrics.js';
import type { StoreClock } from '../../platform/budgets/store-clock.js';
import type { CallJournal } from '../../platform/journal/call-journal.js';
import type { RefusedBudgets } from '../budgets/refused-budgets.js';
import type { LimitRefusal } from '../limits/lease.js';
import type { Need } from '../limits/waiting-line.js';
import type { KnownTerms } from '../prices/call-pricing.js';
import type { AppliedBudget, BudgetBook, CountedCall } from './budget-book.js';
import { budgetError, uncountable } from './budget-error.js';
import type { BudgetLease } from './budget-lease.js';
import type { BudgetLimiter } from './budget-limiter.js';
import type { BudgetLimit } from './budget-limit.js';
import type { Claim } from './claims.js';
import { Expected, type ExpectedUse } from './expected.js';
import { HeldClaims } from './held-claims.js';
import { LastCharges } from './last-charges.js';

/** A call as far as budgets ask. */
export interface SpendingCall extends CountedCall {
  readonly tenantId: string;
}

/** What is wanted of budgets for one call. */
export interface Wanted {
  readonly call: SpendingCall;
  readonly budgets: readonly AppliedBudget[];
  /** What the call is expected to take; null: it has been answered already, and is only to be counted. */
  readonly use: ExpectedUse | null;
  readonly terms: KnownTerms;
}

/** Where budgets are kept: see `BudgetDirectory`. */
export interface BudgetBooks {
  peek(tenantId: string): BudgetBook | undefined;
  of(tenantId: string): Promise<BudgetBook>;
}

/** Reserves what calls are expected to take of budgets, before they are made. */
export class Spending {
  private readonly charges = new LastCharges();

  constructor(
    private readonly books: BudgetBooks,
    private readonly limiter: BudgetLimiter,
    private readonly clock: StoreClock,
    private readonly journal: CallJournal,
    private readonly metrics: Metrics,
    private readonly refused: RefusedBudgets,
  ) {}

  /** The budgets that count a call now. A promise, which may reject with an AppError, is given where they have to be read. */
  budgetsOf(call: SpendingCall): readonly AppliedBudget[] | Promise<readonly AppliedBudget[]> {
    return this.inBook(call, (book) => book.of(call, this.clock.nowMs(), this.journal.instance));
  }

  /** Whether a budget may refuse the call, or end its answer. A promise as above. */
  stops(call: SpendingCall): boolean | Promise<boolean> {
    return this.inBook(call, (book) => book.stops(call, this.clock.nowMs(), this.journal.instance));
  }

  /**
   * Reserves of all budgets together, or of none. `held` is called before this returns where this process holds enough; else
   * one of the two is called within two seconds. It gets nothing where no budget counts the call after all.
   */
  claim(wanted: Wanted, held: (claims: HeldClaims | undefined) => void, refused: (error: AppError) => void): void {
    const { budgets, use } = wanted;
    const counted: Claim<BudgetLease>[] = [];
    const needs: Need<BudgetLimit>[] = [];
    const expected = new Expected(wanted, this.charges);
    for (const { limit, hard, unpriced } of budgets) {
      const amount = expected.of(limit.currency);
      if (use === null) {
        // What it took goes to the budget when its record does.
        if (amount !== undefined) counted.push({ limit, lease: null, amount });
        continue;
      }
      if (amount === undefined && hard && unpriced === 'refuse') {
        this.metrics.budgetRefusals.add('unpriced', limit.owner);
        return refused(uncountable(limit));
      }
      if (amount === undefined) continue;
      if (hard) needs.push({ limit, units: amount });
      else counted.push({ limit, lease: null, amount });
    }
    const taken = (): void => {
      for (const { limit, units } of needs) counted.push({ limit, lease: this.limiter.held(limit), amount: units });
      held(
        counted.length === 0 ? undefined : new HeldClaims(this.limiter, this.metrics.budgetAmounts, counted, expected.learner()),
      );
    };
    if (needs.length === 0) return taken();
    this.limiter.take(needs, taken, (refusal) => refused(this.errorOf(refusal)));
  }

  private inBook<T>({ tenantId }: SpendingCall, of: (book: BudgetBook) => T): T | Promise<T> {
    const book = this.books.peek(tenantId);
    return book === undefined ? this.books.of(tenantId).then(of) : of(book);
  }

  private errorOf(refusal: LimitRefusal<BudgetLimit>): AppError {
    const isAway = this.limiter.storeFailure !== undefined;
    if (!isAway && refusal.waitMs === null) this.refused.add(refusal.limit);
    this.metrics.budgetRefusals.add(isAway ? 'away' : refusal.waitMs === null ? 'spent' : 'reserved', refusal.limit.owner);
    return budgetError(refusal, isAway);
  }
}
