import { Injectable } from '@nestjs/common';
import type { ListAuditQuery, ListOperatorAuditQuery } from '../../contracts/audit.js';
import type { RowPage } from '../../contracts/lists.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { AuditRecord } from './audit-record.js';
import { AuditRepository } from './audit.repository.js';
import { OperatorAuditRepository } from './operator-audit.repository.js';

/** Shows who changed what: in one tenant, or, to operators, what belongs to no tenant. */
@Injectable()
export class AuditService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: AuditRepository,
    private readonly operatorAudit: OperatorAuditRepository,
  ) {}

  async list(actor: Actor, query: ListAuditQuery): Promise<RowPage<AuditRecord>> {
    return this.database.run(actor.tenantId, (transaction) => this.repository.list(transaction, actor.tenantId, query));
  }

  async listOperators(query: ListOperatorAuditQuery): Promise<RowPage<AuditRecord>> {
    const { rows, hasMore } = await this.operatorAudit.list(query);
    return { rows: rows.map(({ inTenant, ...row }) => ({ ...row, tenantId: inTenant, actorRole: 'operator' })), hasMore };
  }
}
