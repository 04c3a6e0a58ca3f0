import type { BudgetObject, BudgetWindow } from '../../contracts/budgets.js';
import type { Budget } from '../../platform/database/generated/client.js';

/** What may change of a budget. */
export interface BudgetTerms {
  /** Micro-units of the currency, or tokens. */
  readonly amount: number;
  /** At how many hundredths of the amount somebody is told; null: never. */
  readonly softPercent: number | null;
  /** Whether calls are refused when nothing is left. */
  readonly hard: boolean;
  /** What becomes of calls that no price in the currency covers. */
  readonly unpriced: BudgetObject['unpriced'];
}

export interface BudgetRecord extends BudgetTerms {
  readonly id: string;
  /** Whose calls count; both null: all of the tenant's. */
  readonly key: { readonly id: string; readonly name: string; readonly state: string } | null;
  /** By its name. */
  readonly endpoint: string | null;
  readonly window: BudgetWindow;
  /** Null: tokens are counted. */
  readonly currency: string | null;
  readonly createdAt: Date;
}

/** What a row is read with. */
export const withSubject = {
  key: { select: { id: true, name: true, state: true } },
  endpoint: { select: { name: true } },
} as const;

type BudgetRow = Budget & Pick<BudgetRecord, 'key'> & { readonly endpoint: { readonly name: string } | null };

export function budgetRecord(row: BudgetRow): BudgetRecord {
  const { id, key, endpoint, window, currency, amount, softPercent, hard, unpriced, createdAt } = row;
  return {
    id,
    key,
    endpoint: endpoint?.name ?? null,
    window: window as BudgetWindow,
    currency,
    amount: Number(amount),
    softPercent,
    hard,
    unpriced: unpriced as BudgetRecord['unpriced'],
    createdAt,
  };
}
