import { Module } from '@nestjs/common';
import { SealingRepository } from './sealing.repository.js';
import { SealingService } from './sealing.service.js';

/**
 * What workers do with the audit: committed rows of each tenant, and the operators', become links of a chain, each with a hash
 * over itself and the one before.
 */
@Module({
  providers: [SealingRepository, SealingService],
  exports: [SealingService],
})
export class AuditSealingModule {}
