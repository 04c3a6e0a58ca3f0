import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { PriceDirectoryModule } from '../prices/price-directory.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { BudgetMarks } from './budget-marks.js';
import { BudgetRefusals } from './budget-refusals.js';
import { BudgetThresholds } from './budget-thresholds.js';
import { BudgetWatch } from './budget-watch.js';
import { BudgetsService } from './budgets.service.js';
import { CountedTenantsModule } from './counted-tenants.module.js';
import { CountingBudgetsModule } from './counting-budgets.module.js';
import { PassedBudgetsRepository } from './passed-budgets.repository.js';
import { RefusedBudgetsModule } from './refused-budgets.module.js';

/**
 * What the calls of a tenant, a key or an endpoint may take in a window of time. `budget-period.ts` says when windows begin and
 * end, `budget-standing.ts` what is left; the thresholds tell webhooks of it. Nothing here counts calls.
 */
@Module({
  imports: [AuditModule, CountedTenantsModule, CountingBudgetsModule, PriceDirectoryModule, RefusedBudgetsModule, WebhooksModule],
  providers: [BudgetMarks, BudgetRefusals, BudgetThresholds, BudgetWatch, BudgetsService, PassedBudgetsRepository],
  exports: [BudgetThresholds, BudgetsService, CountingBudgetsModule],
})
export class BudgetsModule {}
