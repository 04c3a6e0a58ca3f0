import { Module } from '@nestjs/common';
import { HostDirectory } from './host-directory.js';
import { HostLookupRepository } from './host-lookup.repository.js';
import { TenantLookupRepository } from './tenant-lookup.repository.js';

/** Tenants: their state, settings and hosts, and which tenant a host name or an operator means. */
@Module({
  providers: [HostDirectory, HostLookupRepository, TenantLookupRepository],
  exports: [HostDirectory, TenantLookupRepository],
})
export class TenantsModule {}
