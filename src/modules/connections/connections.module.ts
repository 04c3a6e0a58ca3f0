import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ConnectionCircuits } from './circuit/connection-circuits.js';
import { ConnectionHealthRepository } from './circuit/connection-health.repository.js';
import { ConnectionReports } from './circuit/connection-reports.js';
import { ConnectionsHealth } from './circuit/connections-health.js';
import { ConnectionProbeService } from './connection-probe.service.js';
import { ConnectionSecrets } from './connection-secrets.js';
import { ConnectionUsesRepository } from './connection-uses.repository.js';
import { ConnectionWays } from './connection-ways.js';
import { ConnectionsRepository } from './connections.repository.js';
import { ConnectionsService } from './connections.service.js';
import { EmbeddingConnections } from './embedding-connections.js';
import { LearnedBatchesRepository } from './learned-batches.repository.js';
import { ConnectionLoginsRepository } from './login/connection-logins.repository.js';
import { ConnectionLoginsService } from './login/connection-logins.service.js';
import { LoginAddresses } from './login/login-addresses.js';
import { LoginRenewal } from './login/login-renewal.js';
import { LoginAttempts } from './login/login-attempts.js';
import { LoginSecrets } from './login/login-secrets.js';
import { LoginServers } from './login/login-servers.js';
import { LoginWrites } from './login/login-writes.js';
import { SignIns } from './login/sign-ins.js';
import { ConnectionTurns } from './tokens/connection-turns.js';

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
    ConnectionCircuits,
    ConnectionWays,
    ConnectionHealthRepository,
    ConnectionReports,
    ConnectionsHealth,
    ConnectionProbeService,
    EmbeddingConnections,
    LearnedBatchesRepository,
    ConnectionLoginsService,
    ConnectionLoginsRepository,
    LoginAddresses,
    LoginRenewal,
    LoginAttempts,
    LoginSecrets,
    LoginServers,
    LoginWrites,
    SignIns,
    ConnectionTurns,
  ],
  exports: [
    ConnectionsService,
    ConnectionSecrets,
    ConnectionCircuits,
    ConnectionWays,
    ConnectionsHealth,
    ConnectionProbeService,
    ConnectionLoginsService,
    EmbeddingConnections,
    LearnedBatchesRepository,
    LoginAddresses,
    LoginSecrets,
    SignIns,
    ConnectionTurns,
  ],
})
export class ConnectionsModule {}
