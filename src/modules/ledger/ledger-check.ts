import type { LedgerFault } from '../../contracts/ledger.js';

/** Sums of one or many periods, in micro-units of the currency or in tokens. */
export interface LedgerSums {
  readonly reserved: number;
  readonly settled: number;
  readonly released: number;
  /** What processes hold that live, and what those held that do not. */
  readonly open: number;
  readonly assumed: number;
  readonly spent: number;
}

export interface LedgerTotals extends LedgerSums {
  readonly currency: string | null;
}

export interface CheckedPeriod extends LedgerTotals {
  readonly budgetId: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number | null;
  readonly isDeleted: boolean;
  /** Null: the budget is deleted. */
  readonly amount: number | null;
  /** What calls took beyond their reservations. */
  readonly beyond: number;
}

export interface LedgerFaultRecord {
  readonly what: LedgerFault['what'];
  readonly budgetId: string;
  readonly startsAtMs: number;
  readonly callId: string | null;
  readonly sliceId: string | null;
  readonly expected: number | null;
  readonly found: number | null;
}

/** What a tenant's ledger was found to be at one moment. */
export interface LedgerCheck {
  readonly calls: number;
  readonly entries: number;
  readonly totals: readonly LedgerTotals[];
  /** The newest ones, and how many there are. */
  readonly periods: readonly CheckedPeriod[];
  readonly periodCount: number;
  /** Some of them, and how many there are. */
  readonly faults: readonly LedgerFaultRecord[];
  readonly faultCount: number;
}
