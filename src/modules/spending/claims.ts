import type { CallEnd, CallPrice } from '../../platform/journal/call-record.js';
import { whole } from '../../platform/journal/record-columns.js';
import type { BudgetLimit } from './budget-limit.js';

/** What one budget holds for a call, in micro-units of its currency or in tokens. */
export interface Claim {
  readonly limit: BudgetLimit;
  /** Where it was taken; null: the budget only counts. */
  readonly sliceId: string | null;
  readonly amount: number;
}

/** Claims as they stand in the journal, and as `gt_ledger_book` reads them: slice, budget, period, amount and currency of each. */
export function claimsText(claims: readonly Claim[]): string {
  return claims
    .map(({ limit: { budgetId, startsAtMs, endsAtMs, currency }, sliceId, amount }) =>
      [sliceId ?? '', budgetId, startsAtMs, endsAtMs ?? '', amount, currency ?? ''].join(':'),
    )
    .join('/');
}

/** How a call ended, as far as budgets ask. */
export type EndOfCall = Pick<CallEnd, 'state' | 'source' | 'totalTokens'>;

/** Whether nobody asks what a call took: it was not sent, or its process died. Its record counts nothing either. */
export function isUncounted({ state, source }: EndOfCall): boolean {
  return state === 'interrupted' && source === 'none';
}

/**
 * What a call has taken of a budget: its tokens, or its charge. Where no price in the budget's currency says it, what was
 * reserved counts: nothing becomes free for want of a figure.
 */
export function takenOf({ limit: { currency }, amount }: Claim, end: EndOfCall, price: CallPrice | undefined): number {
  if (isUncounted(end)) return 0;
  if (currency === null) return whole(end.totalTokens);
  return price?.currency === currency ? price.charge : amount;
}
