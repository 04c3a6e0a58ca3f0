import type { BudgetObject, UpdateBudgetRequest } from '../../contracts/budgets.js';
import { budgetNotices } from '../../contracts/notices.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { StandingBudget } from '../../modules/budgets/budgets.service.js';
import { presentNotices } from './notices.presenter.js';

/** A budget with what is left of it in the period that is running. */
export function presentBudget({ key, endpoint, period, ...budget }: StandingBudget): BudgetObject {
  return {
    object: 'budget',
    id: budget.id,
    subject: key !== null ? 'key' : endpoint !== null ? 'endpoint' : 'tenant',
    key: key?.id ?? null,
    endpoint,
    window: budget.window,
    currency: budget.currency,
    amount: budget.amount,
    soft_percent: budget.softPercent,
    hard: budget.hard,
    unpriced: budget.unpriced,
    period: {
      starts_at: secondsOf(period.startsAtMs),
      ends_at: period.endsAtMs === null ? null : secondsOf(period.endsAtMs),
      spent: period.spent,
      assumed: period.assumed,
      reserved: period.reserved,
      left: period.left,
      soft_reached: period.isSoftReached,
      used_up: period.isUsedUp,
    },
    created_at: toUnixSeconds(budget.createdAt),
  };
}

/** The same after a creation or change, with what of the request has no effect. */
export function presentChangedBudget(budget: StandingBudget, input: UpdateBudgetRequest): BudgetObject {
  return { ...presentBudget(budget), ...presentNotices(budgetNotices(input, budget)) };
}

function secondsOf(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}
