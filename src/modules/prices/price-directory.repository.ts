import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { TenantPrice } from '../../platform/database/generated/client.js';

/** All that the prices of a tenant's calls depend on beside those of providers. */
export interface TenantPricing {
  readonly markupPerMille: number;
  readonly connections: readonly { readonly id: string; readonly baseUrl: string; readonly wire: string }[];
  readonly prices: readonly TenantPrice[];
}

/** Reads a tenant's pricing in one transaction. */
@Injectable()
export class PriceDirectoryRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** Undefined when there is no such tenant. */
  async read(tenantId: string): Promise<TenantPricing | undefined> {
    return this.database.run(tenantId, async (tx) => {
      const tenant = await tx.tenant.findUnique({ where: { id: tenantId }, select: { markupPerMille: true } });
      if (tenant === null) return undefined;
      const connections = await tx.connection.findMany({
        where: { tenantId },
        select: { id: true, baseUrl: true, wire: true },
      });
      return { ...tenant, connections, prices: await tx.tenantPrice.findMany({ where: { tenantId } }) };
    });
  }
}
