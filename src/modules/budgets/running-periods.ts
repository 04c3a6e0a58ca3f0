import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { periodOf, type BudgetPeriod } from './budget-period.js';
import type { BudgetRecord } from './budget-record.js';
import { nothingCounted, standingOf, type StandingBudget } from './budget-standing.js';
import { BudgetsRepository } from './budgets.repository.js';

/** Reads how budgets stand in the periods that are running. */
@Injectable()
export class RunningPeriods {
  constructor(private readonly repository: BudgetsRepository) {}

  /** These budgets of the tenant in their order, with all that is counted of them read at one moment. */
  async of(tx: Transaction, tenantId: string, budgets: readonly BudgetRecord[]): Promise<StandingBudget[]> {
    if (budgets.length === 0) return [];
    const timeZone = await this.repository.timeZone(tx, tenantId);
    const nowMs = Date.now();
    const current = ({ window }: BudgetRecord): BudgetPeriod => periodOf(window, timeZone, nowMs);
    const periods = budgets.map((budget) => ({ budgetId: budget.id, startsAt: new Date(current(budget).startsAtMs) }));
    const sums = await this.repository.sums(tx, tenantId, periods);
    return budgets.map((budget) => ({
      ...budget,
      period: { ...current(budget), ...standingOf(budget, sums.get(budget.id) ?? nothingCounted) },
    }));
  }
}
