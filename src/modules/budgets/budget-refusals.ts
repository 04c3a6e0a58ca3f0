import { Injectable } from '@nestjs/common';
import { Log, redact } from '../../observability/log.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { WebhookOutbox } from '../webhooks/webhook-outbox.js';
import { BudgetMarks, ToldMeanwhileError } from './budget-marks.js';
import { budgetLogFields, budgetObjectOf } from './budget-object.js';
import type { RefusedBudget } from './refused-budgets.js';

/** Tells tenants that a budget refuses calls though it is not used up: once in a period for an amount. */
@Injectable()
export class BudgetRefusals {
  constructor(
    private readonly marks: BudgetMarks,
    private readonly database: TenantDatabase,
    private readonly outbox: WebhookOutbox,
    private readonly log: Log,
  ) {}

  /** However many processes do this at once, one tells of each. @returns those of which it could not be told. */
  async tell(refused: readonly RefusedBudget[]): Promise<RefusedBudget[]> {
    const failed: RefusedBudget[] = [];
    for (const one of refused)
      await this.tellOf(one).catch((error: unknown) => {
        if (error instanceof ToldMeanwhileError) return;
        failed.push(one);
        const reason = redact(error instanceof Error ? error.message : String(error));
        this.log.warn('a refusal of a budget cannot be told', { tenant_id: one.tenantId, budget: one.budgetId, reason });
      });
    return failed;
  }

  /** What is told and that it was told are one commit. */
  private async tellOf(refused: RefusedBudget): Promise<void> {
    const { tenantId } = refused;
    const told = await this.database.run(tenantId, async (tx) => {
      const budget = await this.marks.refusing(tx, refused);
      if (budget === undefined) return undefined;
      await this.outbox.record(tx, tenantId, 'budget.refused', () => Promise.resolve({ object: budgetObjectOf(budget) }));
      await this.marks.markRefused(tx, refused, budget);
      return budget;
    });
    if (told !== undefined) this.log.info('budget.refused', budgetLogFields(tenantId, told));
  }
}
