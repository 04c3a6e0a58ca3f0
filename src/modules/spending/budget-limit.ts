import type { BudgetWindow } from '../../contracts/budgets.js';
import type { LeasedLimit } from '../limits/call-limit.js';

/** Whose calls a budget counts. */
export type BudgetOwner = 'key' | 'endpoint' | 'tenant';

/** One period of a budget, as a process holds slices of it. */
export interface BudgetLimit extends LeasedLimit {
  readonly tenantId: string;
  readonly budgetId: string;
  readonly owner: BudgetOwner;
  readonly window: BudgetWindow;
  /** Of the charges that are counted; null: tokens are. */
  readonly currency: string | null;
  readonly startsAtMs: number;
  /** Null: it has no end. */
  readonly endsAtMs: number | null;
}
