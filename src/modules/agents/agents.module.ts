import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { AgentPublisher } from './agent-publisher.js';
import { AgentReferences } from './agent-references.js';
import { AgentsRepository } from './agents.repository.js';
import { AgentsService } from './agents.service.js';
import { EndpointDirectoryRepository } from './endpoint-directory.repository.js';
import { EndpointDirectory } from './endpoint-directory.js';
import { EndpointsRepository } from './endpoints.repository.js';
import { EndpointsService } from './endpoints.service.js';
import { PublicationsService } from './publications.service.js';
import { TunedEndpoints } from './tuned-endpoints.service.js';
import { RevisionsRepository } from './revisions.repository.js';

/**
 * Agents, their immutable revisions and the endpoints that publish them. The endpoint directory is what inference
 * reads: all that a tenant has published, in memory.
 */
@Module({
  imports: [AuditModule, ConnectionsModule],
  providers: [
    EndpointDirectory,
    EndpointDirectoryRepository,
    AgentPublisher,
    AgentReferences,
    AgentsRepository,
    AgentsService,
    EndpointsRepository,
    EndpointsService,
    PublicationsService,
    RevisionsRepository,
    TunedEndpoints,
  ],
  exports: [EndpointDirectory, AgentsService, EndpointsService, PublicationsService, TunedEndpoints],
})
export class AgentsModule {}
