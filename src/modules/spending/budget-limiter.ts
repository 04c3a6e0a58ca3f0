import type { BudgetAnswer, BudgetAsk } from '../../platform/budgets/budget-store.js';
import { Limiter } from '../limits/limiter.js';
import { BudgetLease } from './budget-lease.js';
import type { BudgetLimit } from './budget-limit.js';

/** Budgets, of which each process holds slices. */
export class BudgetLimiter extends Limiter<BudgetLimit, BudgetAsk, BudgetAnswer, BudgetLease> {}
