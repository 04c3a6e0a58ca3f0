import { Injectable } from '@nestjs/common';
import type { WebhookEvent } from '../../contracts/webhooks.js';
import { Log, redact } from '../../observability/log.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { WebhookOutbox } from '../webhooks/webhook-outbox.js';
import { BudgetMarks, ToldMeanwhileError, type PassedBudget } from './budget-marks.js';
import { budgetLogFields, budgetObjectOf } from './budget-object.js';
import { PassedBudgetsRepository, type PassedPeriod } from './passed-budgets.repository.js';

const atOnce = 500;

/** Tells tenants that their budgets have little left, and that they have nothing left: each once in a period for an amount. */
@Injectable()
export class BudgetThresholds {
  constructor(
    private readonly passed: PassedBudgetsRepository,
    private readonly marks: BudgetMarks,
    private readonly database: TenantDatabase,
    private readonly outbox: WebhookOutbox,
    private readonly log: Log,
  ) {}

  /**
   * Tells of what has passed a threshold in the budgets of these tenants, or of all. However many processes do this at once, one
   * tells of each. One budget of which nothing can be told does not keep the others waiting.
   * @throws Error of the database when it cannot be found out.
   */
  async tell(tenantIds?: readonly string[]): Promise<void> {
    const periods = await this.passed.find(atOnce, tenantIds);
    for (const period of periods)
      await this.tellOf(period).catch((error: unknown) => {
        if (error instanceof ToldMeanwhileError) return;
        const reason = redact(error instanceof Error ? error.message : String(error));
        this.log.warn('a threshold of a budget cannot be told', { tenant_id: period.tenantId, budget: period.budgetId, reason });
      });
  }

  /** What is told and that it was told are one commit. */
  private async tellOf({ tenantId, budgetId, startsAt }: PassedPeriod): Promise<void> {
    const told = await this.database.run(tenantId, async (tx) => {
      const passed = await this.marks.passed(tx, tenantId, budgetId, startsAt);
      if (passed === undefined) return undefined;
      const data = () => Promise.resolve({ object: budgetObjectOf(passed.budget) });
      for (const event of eventsOf(passed)) await this.outbox.record(tx, tenantId, event, data);
      await this.marks.mark(tx, tenantId, passed);
      return passed;
    });
    if (told === undefined) return;
    const fields = budgetLogFields(tenantId, told.budget);
    for (const event of eventsOf(told)) this.log.info(event, fields);
  }
}

function eventsOf({ warnedFor, spentFor }: PassedBudget): WebhookEvent[] {
  return [
    ...(warnedFor === null ? [] : (['budget.threshold_reached'] as const)),
    ...(spentFor === null ? [] : (['budget.used_up'] as const)),
  ];
}
