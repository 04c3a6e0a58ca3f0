import type { BudgetObject } from '../../contracts/budgets.js';
import { budgetObjectOf } from '../../modules/budgets/budget-object.js';
import type { StandingBudget } from '../../modules/budgets/budget-standing.js';
import { presentNotices } from './notices.presenter.js';

/** A budget with what is left of it, which stands with the budgets because events tell of them in it too. */
export function presentBudget(budget: StandingBudget): BudgetObject {
  return budgetObjectOf(budget);
}

/** The same after a creation or change, with what of the request has no effect. */
export function presentChangedBudget(budget: StandingBudget, notices: readonly string[]): BudgetObject {
  return { ...presentBudget(budget), ...presentNotices(notices) };
}
