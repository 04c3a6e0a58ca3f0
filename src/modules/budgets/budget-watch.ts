import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Log, redact } from '../../observability/log.js';
import { BudgetRefusals } from './budget-refusals.js';
import { BudgetThresholds } from './budget-thresholds.js';
import { CountedTenants } from './counted-tenants.js';
import { RefusedBudgets } from './refused-budgets.js';

const intervalMs = 500;

/**
 * Looks every half second at the budgets that have counted or refused calls of this process. Nobody waits for it. What it leaves
 * undone of thresholds the sweep of the workers does; of a refusal it is the next refusal.
 */
@Injectable()
export class BudgetWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private last: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly counted: CountedTenants,
    private readonly thresholds: BudgetThresholds,
    private readonly refused: RefusedBudgets,
    private readonly refusals: BudgetRefusals,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.last;
  }

  private schedule(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.last = this.look().finally(() => {
        this.schedule();
      });
    }, intervalMs).unref();
  }

  private async look(): Promise<void> {
    await this.lookAtCounted();
    const refused = this.refused.take();
    for (const untold of await this.refusals.tell(refused)) this.refused.forget(untold);
  }

  private async lookAtCounted(): Promise<void> {
    const tenantIds = this.counted.take();
    if (tenantIds.length === 0) return;
    try {
      await this.thresholds.tell(tenantIds);
    } catch (error) {
      this.counted.add(tenantIds);
      this.log.warn('budgets cannot be looked at', { reason: redact(error instanceof Error ? error.message : String(error)) });
    }
  }
}
