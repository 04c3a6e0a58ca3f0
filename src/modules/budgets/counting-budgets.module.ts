import { Module } from '@nestjs/common';
import { BudgetsRepository } from './budgets.repository.js';
import { CountingBudgets } from './counting-budgets.js';
import { RunningPeriods } from './running-periods.js';

/** How budgets stand: for their own service, and for who tells what a key may do and has left. Nothing here changes anything. */
@Module({
  providers: [BudgetsRepository, CountingBudgets, RunningPeriods],
  exports: [BudgetsRepository, CountingBudgets, RunningPeriods],
})
export class CountingBudgetsModule {}
