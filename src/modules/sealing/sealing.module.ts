import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { SealingKeysService } from './sealing-keys.service.js';
import { SealingRepository } from './sealing.repository.js';

/** The keys that seal what is secret, and their rotation. */
@Module({
  imports: [AuditModule],
  providers: [SealingKeysService, SealingRepository],
  exports: [SealingKeysService],
})
export class SealingModule {}
