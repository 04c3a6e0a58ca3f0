import { Module } from '@nestjs/common';
import { AuditExportService } from './audit-export.service.js';
import { AuditWriter } from './audit-writer.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';
import { OperatorAuditWriter } from './operator-audit-writer.js';
import { OperatorAuditRepository } from './operator-audit.repository.js';

/**
 * Who changed what, written in the transaction of each change. A tenant's changes stand in its own audit; what belongs
 * to no tenant (any more) stands in the operators'.
 */
@Module({
  providers: [AuditExportService, AuditWriter, OperatorAuditWriter, AuditService, AuditRepository, OperatorAuditRepository],
  exports: [AuditExportService, AuditWriter, OperatorAuditWriter, AuditService],
})
export class AuditModule {}
