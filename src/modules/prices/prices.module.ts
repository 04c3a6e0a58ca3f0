import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { PriceDirectory } from './price-directory.js';
import { PriceDirectoryRepository } from './price-directory.repository.js';
import { PriceExplanations } from './price-explanations.js';
import { PriceImportService } from './price-import.service.js';
import { PricesRepository } from './prices.repository.js';
import { PricesService } from './prices.service.js';
import { TenantPricesRepository } from './tenant-prices.repository.js';
import { TenantPricesService } from './tenant-prices.service.js';

/**
 * What calls cost and what is charged for them: providers' prices for the whole platform, what differs for a tenant, and its
 * mark-up. `cost.ts` is the arithmetic, `price-terms.ts` says which row holds, the directory keeps the rows in memory.
 */
@Module({
  imports: [AuditModule],
  providers: [
    PricesService,
    PricesRepository,
    TenantPricesService,
    TenantPricesRepository,
    PriceDirectory,
    PriceDirectoryRepository,
    PriceExplanations,
    PriceImportService,
  ],
  exports: [PricesService, TenantPricesService, PriceDirectory, PriceExplanations, PriceImportService],
})
export class PricesModule {}
