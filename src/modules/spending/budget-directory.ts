import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { StoreClock } from '../../platform/budgets/store-clock.js';
import { ChangeFeed } from '../../platform/database/change-feed.js';
import { LiveCache } from '../../platform/database/live-cache.js';
import { BudgetBook } from './budget-book.js';
import { BudgetDirectoryRepository } from './budget-directory.repository.js';

/** Which calls are counted by which budgets, kept in memory and current to within the change feed. */
@Injectable()
export class BudgetDirectory {
  private readonly books: LiveCache<BudgetBook>;

  constructor(repository: BudgetDirectoryRepository, clock: StoreClock, feed: ChangeFeed, config: Config) {
    this.books = new LiveCache<BudgetBook>(feed, {
      load: async (tenantId) => {
        const read = await repository.read(tenantId);
        if (read === undefined) return undefined;
        clock.heard(read.nowMs);
        return new BudgetBook(tenantId, read.timeZone, read.budgets);
      },
      tenantOf: (tenantId) => tenantId,
      touches: ({ tenantId, kind }, ofTenant, book) => tenantId === ofTenant && book.dependsOn(kind),
      creates: ({ kind }) => kind === 'tenants',
      staleMs: config.GT_AUTH_STALE_MS,
      maxEntries: 10_000,
    });
  }

  /** The tenant's budgets, when they are in memory and current. Never waits. */
  peek(tenantId: string): BudgetBook | undefined {
    return this.books.peek(tenantId);
  }

  /** The tenant's budgets. @throws AppError overloaded when they cannot be read. */
  async of(tenantId: string): Promise<BudgetBook> {
    return (await this.books.get(tenantId)) ?? new BudgetBook(tenantId, 'UTC', []);
  }
}
