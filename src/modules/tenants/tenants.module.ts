import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { HostDirectory } from './host-directory.js';
import { HostLookupRepository } from './host-lookup.repository.js';
import { TenantLookupRepository } from './tenant-lookup.repository.js';
import { TenantTransactions } from './tenant-transactions.repository.js';
import { TenantsRepository } from './tenants.repository.js';
import { TenantsService } from './tenants.service.js';

/** Tenants: their state, settings and hosts, and which tenant a host name or an operator means. */
@Module({
  imports: [AuditModule, ConnectionsModule, SessionsModule],
  providers: [HostDirectory, HostLookupRepository, TenantLookupRepository, TenantsService, TenantsRepository, TenantTransactions],
  exports: [HostDirectory, TenantLookupRepository, TenantsService],
})
export class TenantsModule {}
