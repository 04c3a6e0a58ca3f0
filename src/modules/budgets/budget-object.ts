import type { BudgetObject } from '../../contracts/budgets.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { StandingBudget } from './budget-standing.js';

/** A budget in the contract's form, with how it stands in one of its periods: as the presenters show it and as events tell of it. */
export function budgetObjectOf({ key, endpoint, period, ...budget }: StandingBudget): BudgetObject {
  return {
    object: 'budget',
    id: budget.id,
    subject: key !== null ? 'key' : endpoint !== null ? 'endpoint' : 'tenant',
    key: key?.id ?? null,
    key_name: key?.name ?? null,
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

/** What the log tells of a budget. */
export function budgetLogFields(tenantId: string, { id, window, currency, amount, period }: StandingBudget) {
  return { tenant_id: tenantId, budget: id, window, unit: currency ?? 'tokens', amount, spent: period.spent };
}

function secondsOf(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}
