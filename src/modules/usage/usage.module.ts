import { Module } from '@nestjs/common';
import { JournalModule } from '../../platform/journal/journal.module.js';
import { CountedTenantsModule } from '../budgets/counted-tenants.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { PriceDirectoryModule } from '../prices/price-directory.module.js';
import { SpendingModule } from '../spending/spending.module.js';
import { Gates } from './gates/gates.js';
import { KeyTouchesModule } from './key-touches.module.js';
import { StatementsService } from './statements.service.js';
import { UsageAdoptionService } from './usage-adoption.service.js';
import { UsageDrainRepository } from './usage-drain.repository.js';
import { UsageDrainService } from './usage-drain.service.js';
import { UsageKeeper } from './usage-keeper.js';
import { UsageStoreRepository } from './usage-store.repository.js';
import { UsageStoreService } from './usage-store.service.js';
import { UsageRepository } from './usage.repository.js';
import { UsageService } from './usage.service.js';

/**
 * Usage: one record for every call that reached a provider. The gates are the seam that each call passes; they write
 * to the local journal alone. The drain carries the journal to Postgres in batches, adoption does the same for processes
 * that died; the service reads what was recorded; the store service keeps its tables in shape (months, sums by hours and days).
 */
@Module({
  imports: [CountedTenantsModule, JournalModule, KeyTouchesModule, LimitsModule, PriceDirectoryModule, SpendingModule],
  providers: [
    Gates,
    UsageService,
    StatementsService,
    UsageRepository,
    UsageDrainService,
    UsageDrainRepository,
    UsageKeeper,
    UsageAdoptionService,
    UsageStoreRepository,
    UsageStoreService,
  ],
  exports: [Gates, KeyTouchesModule, UsageService, StatementsService, UsageDrainService, UsageStoreService, JournalModule],
})
export class UsageModule {}
