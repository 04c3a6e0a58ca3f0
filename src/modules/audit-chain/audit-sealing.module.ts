import { Module } from '@nestjs/common';
import { AnchoringRepository } from './anchoring.repository.js';
import { AnchoringService } from './anchoring.service.js';
import { AuditChainModule } from './audit-chain.module.js';
import { SealingRepository } from './sealing.repository.js';
import { SealingService } from './sealing.service.js';

/**
 * What workers do with the audit: committed rows of each tenant, and the operators', become links of a chain, each with a hash
 * over itself and the one before. Where the chains end is written to the object store.
 */
@Module({
  imports: [AuditChainModule],
  providers: [AnchoringRepository, AnchoringService, SealingRepository, SealingService],
  exports: [AnchoringService, SealingService],
})
export class AuditSealingModule {}
