import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { Config } from '../../config/config.module.js';
import type { ListApprovalsQuery } from '../../contracts/approvals.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { faultPoint } from '../../platform/fault-point.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { KeyDirectory } from '../keys/key-directory.js';
import { WebhookOutbox } from '../webhooks/webhook-outbox.js';
import { heldCallOf } from './approval-object.js';
import { ApprovalParts } from './approval-parts.js';
import { statusOf, type ApprovalRecord } from './approval-record.js';
import { ApprovalRunner } from './approval-runner.js';
import { ApprovalsRepository } from './approvals.repository.js';
import { HeldHeads } from './held-heads.js';

/** So much of a body is shown. */
const shownBytes = 64 * 1024;

/** What would run. */
export interface ShownRequest {
  /** Path and query as they were sent. */
  readonly url: string;
  readonly contentType: string | null;
  /** The beginning of the body. */
  readonly body: Buffer;
  readonly isWhole: boolean;
}

/** A held call with its request, as far as the actor may see it. */
export interface ShownApproval {
  readonly record: ApprovalRecord;
  readonly request: ShownRequest | null;
}

/** A decision, with what was said with it. */
export interface Decision {
  readonly approve: boolean;
  readonly reason: string | null;
}

/** Held calls as those see and decide them who may: owners and managers of the tenant. */
@Injectable()
export class ApprovalsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly rows: ApprovalsRepository,
    private readonly parts: ApprovalParts,
    private readonly heads: HeldHeads,
    private readonly keys: KeyDirectory,
    private readonly audit: AuditWriter,
    private readonly outbox: WebhookOutbox,
    private readonly runner: ApprovalRunner,
    private readonly config: Config,
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

  /**
   * Decides a call that waits; an approved one runs at once.
   * @throws AppError insufficient_role for operators, who see no contents; not_found; conflict when it waits no more, or its key
   * may not be used any more.
   */
  async decide(actor: Actor, id: string, { approve, reason }: Decision): Promise<ApprovalRecord> {
    const { tenantId, role, name: by } = actor;
    const decided = await this.database.run(tenantId, async (tx) => {
      const record = await this.findIn(tx, actor, id);
      if (role === 'operator') throw ofTenant();
      if (approve) await this.refuseEnded(record);
      if (!(await this.rows.decide(tx, record, { approve, by, reason }))) throw notWaiting(await this.findIn(tx, actor, id));
      if (!approve) await this.parts.remove(tx, record, 'request');
      const changes = { key: record.keyId, route: record.route, request_sha256: record.bodySha256, reason };
      await this.audit.record(tx, actor, { action: approve ? 'approve' : 'reject', kind: 'approval', objectId: id, changes });
      const now = await this.findIn(tx, actor, id);
      await this.outbox.record(tx, tenantId, 'approval.decided', () => Promise.resolve({ object: heldCallOf(now) }));
      return now;
    });
    faultPoint(this.config.GT_FAULT_POINT, 'approvals.after-decision');
    if (approve) this.runner.poke();
    return decided;
  }

  /** Whoever approves is told at once that nothing would run. The run judges the key again. */
  private async refuseEnded({ tenantId, keyId }: ApprovalRecord): Promise<void> {
    const identity = await this.keys.findKey(tenantId, keyId);
    const { state, expiresAtMs = null } = identity?.key ?? { state: 'revoked' };
    const ended = state !== 'active' ? state : expiresAtMs !== null && expiresAtMs <= Date.now() ? 'expired' : undefined;
    if (ended !== undefined)
      throw new AppError('conflict', {
        message: `The key that asked is ${ended}: the call cannot run. Reject it, or enable the key first.`,
      });
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
      body: first.subarray(0, shownBytes),
      isWhole: record.bodyBytes <= shownBytes,
    };
  }

  private async findIn(tx: Transaction, { tenantId }: Actor, id: string): Promise<ApprovalRecord> {
    const found = await this.rows.find(tx, tenantId, id);
    if (found === null) throw new AppError('not_found', { message: 'No such approval.' });
    return found;
  }
}

function ofTenant(): AppError {
  return new AppError('insufficient_role', { message: 'An owner or manager of the tenant decides: operators see no contents.' });
}

function notWaiting(record: ApprovalRecord): AppError {
  const { decidedBy } = record;
  const by = decidedBy === null ? '' : ` ${decidedBy} has decided it.`;
  return new AppError('conflict', { message: `The call does not wait for a decision any more: it is ${statusOf(record)}.${by}` });
}
