import type { CallEnd, CallPrice } from '../../platform/journal/call-record.js';
import { whole } from '../../platform/journal/record-columns.js';
import type { BudgetLimit } from './budget-limit.js';

/** What one budget holds for a call, in micro-units of its currency or in tokens. */
export interface Claim<Held = { readonly claimHead: string }> {
  readonly limit: BudgetLimit;
  /** Where it was taken; null: the budget only counts. */
  readonly lease: Held | null;
  readonly amount: number;
}

/** How the claims of a slice begin: slice, budget and period. @param sliceId empty: the budget only counts. */
export function headOf({ budgetId, startsAtMs, endsAtMs }: BudgetLimit, sliceId: string): string {
  return `${sliceId}:${budgetId}:${startsAtMs}:${endsAtMs ?? ''}:`;
}

/** Claims as they stand in the journal, and as `gt_ledger_book` reads them: slice, budget, period, amount and currency of each. */
export function claimsText(claims: readonly Claim[]): string {
  let text = '';
  for (const { limit, lease, amount } of claims)
    text += `${text === '' ? '' : '/'}${lease?.claimHead ?? headOf(limit, '')}${amount}:${limit.currency ?? ''}`;
  return text;
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
export function takenOf(
  { limit: { currency }, amount }: Omit<Claim, 'lease'>,
  end: EndOfCall,
  price: CallPrice | undefined,
): number {
  if (isUncounted(end)) return 0;
  if (currency === null) return whole(end.totalTokens);
  return price?.currency === currency ? price.charge : amount;
}
