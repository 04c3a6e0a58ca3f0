import type { BudgetWindow } from '../../contracts/budgets.js';
import { isoTime } from '../../contracts/times.js';
import { AppError, overloaded } from '../../kernel/app-error.js';
import type { LimitRefusal } from '../limits/lease.js';
import type { BudgetLimit, BudgetOwner } from './budget-limit.js';

const whose: Readonly<Record<BudgetOwner, string>> = {
  key: 'this API key',
  endpoint: 'this model',
  tenant: 'this tenant',
};

const when: Readonly<Record<BudgetWindow, string>> = {
  day: ' for today',
  week: ' for this week',
  month: ' for this month',
  total: '',
};

/** A budget as a sentence names it. */
function budgetOf({ owner, window }: BudgetLimit): string {
  return `The budget of ${whose[owner]}${when[window]}`;
}

/** When there is something of it again, told without amounts. A period ends at a whole second. */
function againOf({ endsAtMs }: BudgetLimit): string {
  if (endsAtMs === null) return 'It does not come back by itself.';
  return `It is full again at ${isoTime(endsAtMs / 1000)}.`;
}

/**
 * The answer to a call that a budget has no room for: it is spent, or the calls that run have reserved what is left.
 * @param isAway the budget cannot be asked: nobody is let through on a guess.
 */
export function budgetError({ limit, left, waitMs }: LimitRefusal<BudgetLimit>, isAway: boolean): AppError {
  if (isAway) return overloaded();
  if (waitMs === null) {
    const message =
      left === 0
        ? `${budgetOf(limit)} is spent. ${againOf(limit)} Ask the administrator of your tenant.`
        : `${budgetOf(limit)} has too little left for this call. ${againOf(limit)} Ask for a shorter answer with max_tokens, or ask the administrator of your tenant.`;
    return new AppError('insufficient_quota', { message });
  }
  const seconds = Math.ceil(waitMs / 1000);
  return new AppError('rate_limit_exceeded', {
    message: `${budgetOf(limit)} is reserved by calls that are running. Please try again in ${seconds}s.`,
    headers: { 'retry-after': String(seconds), 'retry-after-ms': String(waitMs) },
  });
}

/** The answer to a call that a budget cannot count. */
export function uncountable(limit: BudgetLimit): AppError {
  const message = `${budgetOf(limit)} cannot count this call: no price of the model in ${limit.currency ?? 'tokens'} says what it takes. Ask the administrator of your tenant.`;
  return new AppError('insufficient_quota', { message });
}

/** Ends an answer that goes beyond what was reserved for it. */
export function reservationSpent(): AppError {
  return new AppError('insufficient_quota', {
    message: 'The answer is longer than what the budget of this call has room for; it ends here.',
  });
}
