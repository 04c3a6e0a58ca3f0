import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { isListed } from '../../catalog/decide.js';
import type { BudgetStateObject } from '../../contracts/budget-report.js';
import type { LimitStateObject } from '../../contracts/limit-report.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { EndpointDirectory } from '../agents/endpoint-directory.js';
import { CountingBudgets } from '../budgets/counting-budgets.js';
import type { Identity } from '../keys/key-facts.js';
import { KeyViews } from '../keys/key-views.js';
import { LimitReportService } from './limit-report.service.js';

/** What a key has left. */
export interface KeyReport {
  readonly limits: LimitStateObject[];
  readonly budgets: BudgetStateObject[];
}

/** What is left of all that the calls of a key count against, including what the names that it may call have. */
@Injectable()
export class KeyReportService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly views: KeyViews,
    private readonly endpoints: EndpointDirectory,
    private readonly limits: LimitReportService,
    private readonly budgets: CountingBudgets,
  ) {}

  /** @throws AppError not_found. */
  async ofKey({ tenantId }: Actor, idOrName: string): Promise<KeyReport & { readonly keyId: string }> {
    const { identity } = await this.database.run(tenantId, (tx) => this.views.findIn(tx, tenantId, idOrName));
    return { keyId: identity.key.id, ...(await this.of(identity)) };
  }

  /** What a key may know itself: what a name or the tenant has left tells what others spend, so that of budgets it is told its own. */
  async ofCaller(identity: Identity): Promise<KeyReport> {
    const { limits, budgets } = await this.of(identity);
    return { limits, budgets: budgets.filter(({ of }) => of === 'key' || of === 'linked_key') };
  }

  private async of(identity: Identity): Promise<KeyReport> {
    const { tenantId } = identity.key;
    const { byName } = await this.endpoints.of(tenantId);
    const callable = [...byName.values()].filter((endpoint) => isListed(identity.key, endpoint));
    const names = callable.map(({ name }) => name);
    return {
      limits: await this.limits.of(identity, callable),
      budgets: await this.database.run(tenantId, (tx) => this.budgets.of(tx, identity, names)),
    };
  }
}
