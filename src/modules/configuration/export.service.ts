import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { ExportObject } from '../../contracts/platform-file.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { TenantsService } from '../tenants/tenants.service.js';
import type { Applicant } from './applicant.js';
import { exportedTenant, priceEntry } from './exported-tenant.js';
import { PlatformPrices } from './platform-prices.js';
import { stored } from './tenant-settings.js';
import { TenantStateRepository } from './tenant-state.repository.js';

const pageSize = 100;

/** Shows what is there as the file that makes it, without secrets. */
@Injectable()
export class ExportService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly tenants: TenantsService,
    private readonly states: TenantStateRepository,
    private readonly prices: PlatformPrices,
  ) {}

  /** The tenant of this actor alone. @throws AppError not_found. */
  async exportOne(actor: Actor): Promise<ExportObject> {
    return { tenants: [await this.tenant(actor)] };
  }

  /** All tenants, the oldest first, and the prices that somebody has set for the platform. */
  async exportAll(applicant: Applicant): Promise<ExportObject> {
    const prices = (await this.prices.own()).map(priceEntry);
    const tenants: ExportObject['tenants'][number][] = [];
    let after: string | undefined;
    for (;;) {
      const { rows, hasMore } = await this.tenants.list({ limit: pageSize, order: 'asc', after });
      for (const { id } of rows) tenants.push(await this.tenant({ ...applicant, tenantId: id }));
      after = rows.at(-1)?.id;
      if (!hasMore) return prices.length === 0 ? { tenants } : { prices, tenants };
    }
  }

  /** One tenant at one moment. */
  private async tenant(actor: Actor): Promise<ExportObject['tenants'][number]> {
    return this.database.run(actor.tenantId, async (tx) => {
      const tenant = await this.tenants.getIn(tx, actor);
      return exportedTenant(tenant.slug, stored(tenant), await this.states.read(tx, actor.tenantId));
    });
  }
}
