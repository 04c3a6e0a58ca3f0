import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { faultPoint } from '../../platform/fault-point.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { KeyDirectory } from '../keys/key-directory.js';
import { WebhookOutbox } from '../webhooks/webhook-outbox.js';
import { heldCallOf } from './approval-object.js';
import { ApprovalParts } from './approval-parts.js';
import { statusOf, type ApprovalRecord } from './approval-record.js';
import { ApprovalRunner } from './approval-runner.js';
import { ApprovalsRepository } from './approvals.repository.js';
import { ApprovalsService } from './approvals.service.js';

/** A decision, with what was said with it. */
export interface Decision {
  readonly approve: boolean;
  readonly reason: string | null;
}

/** Owners and managers of a tenant decide on its held calls. */
@Injectable()
export class DecisionsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly approvals: ApprovalsService,
    private readonly rows: ApprovalsRepository,
    private readonly parts: ApprovalParts,
    private readonly keys: KeyDirectory,
    private readonly audit: AuditWriter,
    private readonly outbox: WebhookOutbox,
    private readonly runner: ApprovalRunner,
    private readonly config: Config,
  ) {}

  /**
   * Decides a call that waits; an approved one runs at once.
   * @throws AppError insufficient_role for operators, who see no contents; not_found; conflict when it waits no more, or its key
   * may not be used any more.
   */
  async decide(actor: Actor, id: string, decision: Decision): Promise<ApprovalRecord> {
    const decided = await this.decideAlone(actor, id, decision);
    faultPoint(this.config.GT_FAULT_POINT, 'approvals.after-decision');
    if (decision.approve) this.runner.poke();
    return decided;
  }

  private decideAlone(actor: Actor, id: string, { approve, reason }: Decision): Promise<ApprovalRecord> {
    const { tenantId, role, name: by } = actor;
    return this.database.run(tenantId, async (tx) => {
      const record = await this.approvals.findIn(tx, actor, id);
      if (role === 'operator') throw ofTenant();
      if (approve) await this.refuseEnded(record);
      const isDecided = await this.rows.decide(tx, record, { approve, by, reason });
      const now = await this.approvals.findIn(tx, actor, id);
      if (!isDecided) throw notWaiting(now);
      if (!approve) await this.parts.remove(tx, record, 'request');
      const changes = { key: record.keyId, route: record.route, request_sha256: record.bodySha256, reason };
      await this.audit.record(tx, actor, { action: approve ? 'approve' : 'reject', kind: 'approval', objectId: id, changes });
      await this.outbox.record(tx, tenantId, 'approval.decided', () => Promise.resolve({ object: heldCallOf(now) }));
      return now;
    });
  }

  /** Whoever approves is told at once that nothing would run. The run judges the key again. */
  private async refuseEnded({ tenantId, keyId }: ApprovalRecord): Promise<void> {
    const identity = await this.keys.findKey(tenantId, keyId);
    const { state, expiresAtMs = null } = identity?.key ?? { state: 'revoked' };
    const ended = state !== 'active' ? state : expiresAtMs !== null && expiresAtMs <= Date.now() ? 'expired' : undefined;
    if (ended === undefined) return;
    const message = `The key that asked is ${ended}: the call cannot run. Reject it, or enable the key first.`;
    throw new AppError('conflict', { message });
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
