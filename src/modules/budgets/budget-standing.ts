import type { BudgetPeriod } from './budget-period.js';
import type { BudgetRecord, BudgetTerms } from './budget-record.js';

/** What the calls of a period took, and what is kept for others; micro-units of the budget's currency, or tokens. */
export interface PeriodSums {
  /** What the ledger has, and what is assumed. */
  readonly spent: number;
  /** What of it processes held that are gone: nobody knows yet what became of it. */
  readonly assumed: number;
  /** What processes that live have taken out of the period and neither spent nor given back. */
  readonly reserved: number;
}

/** How a budget stands in one of its periods. */
export interface BudgetStanding extends PeriodSums {
  readonly left: number;
  readonly isSoftReached: boolean;
  readonly isUsedUp: boolean;
}

/** A budget, and how it stands in one of its periods. */
export interface StandingBudget extends BudgetRecord {
  readonly period: BudgetPeriod & BudgetStanding;
}

export const nothingCounted: PeriodSums = { spent: 0, assumed: 0, reserved: 0 };

/** Nothing is left below zero: a call may have taken more than was reserved for it. */
export function standingOf(
  { amount, softPercent }: Pick<BudgetTerms, 'amount' | 'softPercent'>,
  sums: PeriodSums,
): BudgetStanding {
  const { spent, reserved } = sums;
  return {
    ...sums,
    left: Math.max(0, amount - spent - reserved),
    // A hundred times an amount is beyond what a number is exact for.
    isSoftReached: softPercent !== null && BigInt(spent) * 100n >= BigInt(amount) * BigInt(softPercent),
    isUsedUp: spent >= amount,
  };
}
