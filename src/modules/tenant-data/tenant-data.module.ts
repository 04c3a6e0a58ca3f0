import { Module } from '@nestjs/common';
import { StorageModule } from '../../platform/storage/storage.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { ExportTablesRepository } from './export-tables.repository.js';
import { TenantExportService } from './tenant-export.service.js';

/** All of a tenant as an archive, for its owners. What of it is left out, and why, stands in left-out. */
@Module({
  imports: [AuditModule, StorageModule],
  providers: [ExportTablesRepository, TenantExportService],
  exports: [TenantExportService],
})
export class TenantDataModule {}
