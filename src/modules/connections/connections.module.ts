import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ConnectionProbeService } from './connection-probe.service.js';
import { ConnectionSecrets } from './connection-secrets.js';
import { ConnectionUsesRepository } from './connection-uses.repository.js';
import { ConnectionsRepository } from './connections.repository.js';
import { ConnectionsService } from './connections.service.js';
import { LearnedBatchesRepository } from './learned-batches.repository.js';

/**
 * Links to providers: their address is judged when it is saved, their secret is sealed and opened only for a call.
 * The upstream path reads connections through the agents' endpoint directory.
 */
@Module({
  imports: [AuditModule],
  providers: [
    ConnectionsService,
    ConnectionsRepository,
    ConnectionUsesRepository,
    ConnectionSecrets,
    ConnectionProbeService,
    LearnedBatchesRepository,
  ],
  exports: [ConnectionsService, ConnectionSecrets, ConnectionProbeService, LearnedBatchesRepository],
})
export class ConnectionsModule {}
