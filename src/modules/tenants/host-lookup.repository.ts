import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** Reads which host belongs to which tenant, over all tenants. In plain SQL: a process that only relays never needs Prisma's memory for it. */
@Injectable()
export class HostLookupRepository {
  constructor(private readonly database: PlatformDatabase) {}

  async listAll(): Promise<{ host: string; tenantId: string }[]> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<{ host: string; tenantId: string }>(
        'select host, tenant_id as "tenantId" from tenant_hosts',
      );
      return rows;
    });
  }
}
