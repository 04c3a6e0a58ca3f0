import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { DatasetsRepository } from './datasets.repository.js';
import { DatasetsService } from './datasets.service.js';

/** A tenant's document collections. For now their settings alone; files, passages and search come with their routes. */
@Module({
  imports: [AuditModule, ConnectionsModule],
  providers: [DatasetsService, DatasetsRepository],
  exports: [DatasetsService],
})
export class DatasetsModule {}
