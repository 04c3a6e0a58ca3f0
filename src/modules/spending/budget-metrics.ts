import { Injectable } from '@nestjs/common';
import { Metrics } from '../../observability/metrics.js';
import { BudgetLimiter } from './budget-limiter.js';

/** Shows how budgets stand among the process's metrics: by whose calls they count, never which they are. */
@Injectable()
export class BudgetMetrics {
  constructor(metrics: Metrics, limiter: BudgetLimiter) {
    metrics.watch(
      'gt_budget_store_up',
      '1 while budgets can be asked, 0 while only what the process holds of them is spent.',
      () => (limiter.storeFailure === undefined ? 1 : 0),
    );
    metrics.watch('gt_budget_slices', 'Budgets of which this process holds a slice.', () => limiter.counts().leases);
    metrics.watch('gt_budget_waiting_calls', 'Calls that wait for a budget.', () => limiter.counts().waiting);
    metrics.watchEach(
      'gt_budget_lowest_left_ratio',
      'What is left of the budget of which least is left, among those that this process holds a slice of, by whose calls it counts.',
      'of',
      () => limiter.lowestLeft(({ owner }) => owner),
    );
  }
}
