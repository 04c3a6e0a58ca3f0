import { Injectable } from '@nestjs/common';
import { explain, type Explanation, type Question } from '../../catalog/explain.js';
import type { EndpointFacts } from '../../catalog/facts.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { Identity } from './key-facts.js';
import { KeyViews, type KeyView } from './key-views.js';
import { KeysRepository } from './keys.repository.js';

/** What a key may do. */
@Injectable()
export class KeyInsightService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly views: KeyViews,
    private readonly keys: KeysRepository,
  ) {}

  /**
   * Would this call be allowed, and why?
   * @param endpoints the tenant's published names: they belong to another module, so the door brings them.
   * @throws AppError not_found.
   */
  async explain(actor: Actor, idOrName: string, question: Question, endpoints: readonly EndpointFacts[]): Promise<Explanation> {
    return this.database.run(actor.tenantId, async (tx) => {
      const { identity } = await this.views.findIn(tx, actor.tenantId, idOrName);
      const datasets = await this.keys.datasets(tx, actor.tenantId);
      return explain(question, { key: identity.key, tenant: identity.tenant, endpoints, datasets, nowMs: Date.now() });
    });
  }

  /** The key that makes a call, as it is stored. @throws AppError not_found when it was removed meanwhile. */
  async own(identity: Identity): Promise<KeyView> {
    return this.database.run(identity.key.tenantId, (tx) => this.views.findIn(tx, identity.key.tenantId, identity.key.id));
  }
}
