import { Module, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { Log, redact } from '../../observability/log.js';
import { Metrics } from '../../observability/metrics.js';
import { BudgetStore } from '../../platform/budgets/budget-store.js';
import { StoreClock } from '../../platform/budgets/store-clock.js';
import { CallJournal } from '../../platform/journal/call-journal.js';
import { JournalModule } from '../../platform/journal/journal.module.js';
import { RefusedBudgets } from '../budgets/refused-budgets.js';
import { RefusedBudgetsModule } from '../budgets/refused-budgets.module.js';
import { BudgetDirectory } from './budget-directory.js';
import { BudgetDirectoryRepository } from './budget-directory.repository.js';
import { BudgetLease } from './budget-lease.js';
import { BudgetLimiter } from './budget-limiter.js';
import { BudgetMetrics } from './budget-metrics.js';
import { SlicesRepository } from './slices.repository.js';
import { Spending } from './spending.js';

/** Budgets as calls meet them: what is reserved before a call, and what it took. Who asks are the gates. */
@Module({
  imports: [JournalModule, RefusedBudgetsModule],
  providers: [
    StoreClock,
    BudgetMetrics,
    BudgetDirectory,
    BudgetDirectoryRepository,
    SlicesRepository,
    {
      provide: BudgetStore,
      useFactory: ({ DATABASE_URL: url }: Config, clock: StoreClock) => new BudgetStore(url, clock),
      inject: [Config, StoreClock],
    },
    { provide: BudgetLimiter, useFactory: limiterOf, inject: [BudgetStore, CallJournal, Log] },
    {
      provide: Spending,
      useFactory: (...parts: ConstructorParameters<typeof Spending>) => new Spending(...parts),
      inject: [BudgetDirectory, BudgetLimiter, StoreClock, CallJournal, Metrics, RefusedBudgets],
    },
  ],
  exports: [Spending, SlicesRepository],
})
export class SpendingModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly limiter: BudgetLimiter,
    private readonly store: BudgetStore,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.limiter.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}

function limiterOf(store: BudgetStore, journal: CallJournal, log: Log): BudgetLimiter {
  const heard = (failure: unknown): void => {
    if (failure === undefined) log.info('budgets can be asked again', {});
    else log.warn('budgets cannot be asked', { error: redact(String(failure)) });
  };
  return new BudgetLimiter(store, { process: () => journal.instance, leaseOf: (limit) => new BudgetLease(limit), heard });
}
