import { Module } from '@nestjs/common';
import { StorageModule } from '../../platform/storage/storage.module.js';
import { FilesModule } from '../files/files.module.js';
import { AnchorStore } from './anchor-store.js';
import { ChainMoments } from './chain-moments.js';
import { VerificationService } from './verification.service.js';

/**
 * The audit as a chain of hashes: it is verified here, against itself and against the anchors that stand in the object store.
 * Workers seal and anchor it (audit-sealing.module).
 */
@Module({
  imports: [FilesModule, StorageModule],
  providers: [AnchorStore, ChainMoments, VerificationService],
  exports: [AnchorStore, VerificationService],
})
export class AuditChainModule {}
