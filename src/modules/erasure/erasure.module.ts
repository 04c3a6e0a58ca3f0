import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { TenantsModule } from '../tenants/tenants.module.js';
import { ErasuresRepository } from './erasures.repository.js';
import { ErasuresService } from './erasures.service.js';

/**
 * Erasures of tenants, as operators ask for them and see them. What erases stands in erasure-runs.module, for workers. An erasure is
 * a row that outlives its tenant, so that what a crash breaks off is finished.
 */
@Module({
  imports: [AuditModule, TenantsModule],
  providers: [ErasuresRepository, ErasuresService],
  exports: [ErasuresRepository, ErasuresService],
})
export class ErasureModule {}
