import { Injectable } from '@nestjs/common';
import type { Actor, OperatorActor } from '../../catalog/admin/admin-identity.js';
import type { AuditExportFormat, AuditFilter } from '../../contracts/audit.js';
import type { RowPage } from '../../contracts/lists.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { AuditRecord } from './audit-record.js';
import { AuditService } from './audit.service.js';
import { AuditWriter } from './audit-writer.js';
import { OperatorAuditRepository } from './operator-audit.repository.js';
import { OperatorAuditWriter } from './operator-audit-writer.js';

/** Rows may be large; so many are in memory at a time. */
const pageRows = 100;

/** All rows of a filter, page by page; whoever takes them sets the pace. */
export type AuditPages = AsyncGenerator<readonly AuditRecord[], void>;

/** Hands out the audit as a whole. That somebody takes it is written there first. */
@Injectable()
export class AuditExportService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly audit: AuditService,
    private readonly operatorAudit: OperatorAuditRepository,
    private readonly writer: AuditWriter,
    private readonly operatorWriter: OperatorAuditWriter,
  ) {}

  /** The oldest first; the last one may be the row that tells of this export. */
  async ofTenant(actor: Actor, filter: AuditFilter, format: AuditExportFormat): Promise<AuditPages> {
    const { tenantId } = actor;
    const entry = { action: 'export', kind: 'audit', objectId: tenantId, changes: { format, ...filter } };
    await this.database.run(tenantId, (tx) => this.writer.record(tx, actor, entry));
    return pages((page) => this.audit.list(actor, { ...filter, ...page }));
  }

  /** The same of what belongs to no tenant. */
  async ofOperators(actor: OperatorActor, filter: AuditFilter, format: AuditExportFormat): Promise<AuditPages> {
    const entry = { action: 'export', kind: 'audit', objectId: 'operators', changes: { format, ...filter } };
    await this.operatorAudit.change((tx) => this.operatorWriter.record(tx, actor, entry));
    return pages((page) => this.audit.listOperators({ ...filter, ...page }));
  }
}

interface Page {
  readonly limit: number;
  readonly order: 'asc';
  readonly after: string | undefined;
}

async function* pages(read: (page: Page) => Promise<RowPage<AuditRecord>>): AuditPages {
  for (let after: string | undefined; ;) {
    const { rows, hasMore } = await read({ limit: pageRows, order: 'asc', after });
    yield rows;
    after = rows.at(-1)?.id;
    if (!hasMore || after === undefined) return;
  }
}
