import { Injectable } from '@nestjs/common';
import type { OperatorActor } from '../../catalog/admin/admin-identity.js';
import type { ListErasuresQuery } from '../../contracts/erasures.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import type { Erasure } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { OperatorAuditWriter } from '../audit/operator-audit-writer.js';
import { TenantsService } from '../tenants/tenants.service.js';
import { ErasuresRepository } from './erasures.repository.js';

export type ErasureRecord = Erasure;

/** Erasures of tenants: operators ask for them, workers make them (erasure-runner). */
@Injectable()
export class ErasuresService {
  constructor(
    private readonly repository: ErasuresRepository,
    private readonly tenants: TenantsService,
    private readonly audit: OperatorAuditWriter,
  ) {}

  /**
   * Stops the tenant and has everything of it erased. A second request finds the first one.
   * @param named the tenant, by its slug or id. @param confirm its slug.
   * @throws AppError not_found; invalid_value where `confirm` is not the slug.
   */
  async begin(actor: OperatorActor, named: string, confirm: string): Promise<Erasure> {
    return this.repository.change(async (transaction) => {
      const tenant = await this.tenantOf(transaction, named);
      const begun = await this.repository.findOf(transaction, tenant?.id ?? named);
      const slug = tenant?.slug ?? begun?.slug ?? named;
      if (tenant === null && begun === null) throw new AppError('not_found', { param: 'tenant', message: 'No such tenant.' });
      if (confirm !== slug)
        throw new AppError('invalid_value', { param: 'confirm', message: "'confirm' must be the slug of the tenant." });
      if (begun !== null) return begun;
      const tenantId = tenant?.id ?? named;
      await this.tenants.updateIn(transaction, { ...actor, tenantId, role: 'operator', memberId: null }, { state: 'disabled' });
      const erasure = await this.repository.insert(transaction, newId('erasure'), tenantId, slug);
      await this.audit.record(transaction, actor, { action: 'erase', kind: 'tenant', objectId: tenantId });
      return erasure;
    });
  }

  /** @throws AppError not_found. */
  async get(id: string): Promise<Erasure> {
    const found = await this.repository.find(id);
    if (found === null) throw new AppError('not_found', { param: 'erasure', message: 'No such erasure.' });
    return found;
  }

  async list(query: ListErasuresQuery): Promise<RowPage<Erasure>> {
    return this.repository.list(query);
  }

  /** Locked: of two requests at once one comes after the other. */
  private async tenantOf(
    transaction: Transaction,
    named: string,
  ): Promise<{ readonly id: string; readonly slug: string } | null> {
    const [found] = await transaction.$queryRaw<{ id: string; slug: string }[]>`
      select id, slug from tenants where slug = ${named} or id = ${named} for no key update`;
    return found ?? null;
  }
}
