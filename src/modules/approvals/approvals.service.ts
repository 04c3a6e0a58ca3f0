import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { ListApprovalsQuery } from '../../contracts/approvals.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { ApprovalParts } from './approval-parts.js';
import { statusOf, type ApprovalRecord } from './approval-record.js';
import { ApprovalsRepository } from './approvals.repository.js';
import { HeldHeads } from './held-heads.js';

/** So much of a body is shown. */
const shownBytes = 64 * 1024;

/** What would run. */
export interface ShownRequest {
  /** Path and query as they were sent. */
  readonly url: string;
  readonly contentType: string | null;
  /** As they are sent again, by their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The beginning of the body. */
  readonly body: Buffer;
  readonly isWhole: boolean;
}

/** A held call with its request, as far as the actor may see it. */
export interface ShownApproval {
  readonly record: ApprovalRecord;
  readonly request: ShownRequest | null;
}

/** Held calls as those see them who decide: owners and managers of the tenant with what would run, operators without. */
@Injectable()
export class ApprovalsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly rows: ApprovalsRepository,
    private readonly parts: ApprovalParts,
    private readonly heads: HeldHeads,
  ) {}

  list({ tenantId }: Actor, query: ListApprovalsQuery): Promise<RowPage<ApprovalRecord>> {
    return this.database.run(tenantId, (tx) => this.rows.list(tx, tenantId, query));
  }

  /** @throws AppError not_found. */
  get(actor: Actor, id: string): Promise<ShownApproval> {
    return this.database.run(actor.tenantId, async (tx) => {
      const record = await this.findIn(tx, actor, id);
      return { record, request: actor.role === 'operator' ? null : await this.requestOf(tx, record) };
    });
  }

  /** @throws AppError not_found. */
  async findIn(tx: Transaction, { tenantId }: Actor, id: string): Promise<ApprovalRecord> {
    const found = await this.rows.find(tx, tenantId, id);
    if (found === null) throw new AppError('not_found', { message: 'No such approval.' });
    return found;
  }

  private async requestOf(tx: Transaction, record: ApprovalRecord): Promise<ShownRequest | null> {
    const sealed = await this.rows.head(tx, record);
    if (sealed === null || !['pending', 'approved'].includes(statusOf(record))) return null;
    const { url, headers } = this.heads.open(record, sealed);
    const first = record.bodyParts === 0 ? Buffer.alloc(0) : await this.parts.read(tx, record, 'request', 0);
    if (first === undefined) return null;
    return {
      url,
      contentType: headers['content-type'] ?? null,
      headers,
      body: first.subarray(0, shownBytes),
      isWhole: record.bodyBytes <= shownBytes,
    };
  }
}
