import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { BudgetsRepository } from './budgets.repository.js';
import { BudgetsService } from './budgets.service.js';

/**
 * What the calls of a tenant, a key or an endpoint may take in a window of time. `budget-period.ts` says when windows begin and
 * end, `budget-standing.ts` what is left. Nothing here counts calls.
 */
@Module({
  imports: [AuditModule],
  providers: [BudgetsRepository, BudgetsService],
  exports: [BudgetsRepository, BudgetsService],
})
export class BudgetsModule {}
