import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { PriceDirectoryModule } from './price-directory.module.js';
import { PriceExplanations } from './price-explanations.js';
import { PriceImportService } from './price-import.service.js';
import { PricesService } from './prices.service.js';
import { TenantPricesRepository } from './tenant-prices.repository.js';
import { TenantPricesService } from './tenant-prices.service.js';

/**
 * What calls cost and what is charged for them: providers' prices for the whole platform, what differs for a tenant, and its
 * mark-up. `cost.ts` is the arithmetic, `price-terms.ts` says which row holds, the directory's module
 * keeps the rows in memory and prices calls.
 */
@Module({
  imports: [AuditModule, PriceDirectoryModule],
  providers: [PricesService, TenantPricesService, TenantPricesRepository, PriceExplanations, PriceImportService],
  exports: [PricesService, TenantPricesService, PriceExplanations, PriceImportService],
})
export class PricesModule {}
