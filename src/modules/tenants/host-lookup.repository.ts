import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** Reads which host belongs to which tenant, over all tenants. */
@Injectable()
export class HostLookupRepository {
  constructor(private readonly database: PlatformDatabase) {}

  async listAll(): Promise<{ host: string; tenantId: string }[]> {
    return this.database.run((transaction) => transaction.tenantHost.findMany({ select: { host: true, tenantId: true } }));
  }
}
