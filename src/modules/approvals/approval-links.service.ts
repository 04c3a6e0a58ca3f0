import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { roleReaches, type AdminRole } from '../../catalog/admin/roles.js';
import { AppError } from '../../kernel/app-error.js';
import { credentialHash } from '../../kernel/credentials.js';
import { newId, randomBase62 } from '../../kernel/ids.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { statusOf, type ApprovalRecord } from './approval-record.js';
import { ApprovalsService, type ShownApproval } from './approvals.service.js';
import { DecisionsService, type Decision } from './decisions.service.js';

/** A link that was just made, with its token, which is shown this once. */
export interface NewApprovalLink {
  readonly id: string;
  readonly token: string;
  readonly approval: ApprovalRecord;
  readonly memberId: string;
}

/**
 * Links that send somebody to a held call. One names a call and a member, and counts only in a session of that member: whoever else
 * has it can do nothing with it. It decides once, and ends with the call's waiting.
 */
@Injectable()
export class ApprovalLinksService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly approvals: ApprovalsService,
    private readonly decisions: DecisionsService,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * Makes a link for a member, in the place of the one before.
   * @param member by id or e-mail address.
   * @throws AppError not_found; invalid_value for a member who may not decide; conflict for a call that waits no more.
   */
  make(actor: Actor, approvalId: string, member: string): Promise<NewApprovalLink> {
    const { tenantId } = actor;
    const token = `gtap_${randomBase62(43)}`;
    return this.database.run(tenantId, async (tx) => {
      const approval = await this.approvals.findIn(tx, actor, approvalId);
      if (statusOf(approval) !== 'pending')
        throw new AppError('conflict', { message: 'The call does not wait for a decision any more.' });
      const found = await tx.member.findFirst({
        where: { tenantId, state: 'active', OR: [{ id: member }, { email: member.toLowerCase() }] },
      });
      if (found === null || !roleReaches(found.role as AdminRole, 'manager'))
        throw new AppError('invalid_value', {
          param: 'member',
          message: 'No active owner or manager of this tenant has this id or e-mail address.',
        });
      const link = { tenantId, id: newId('approvalLink'), approvalId, memberId: found.id, hash: credentialHash(token) };
      await tx.approvalLink.deleteMany({ where: { tenantId, approvalId, memberId: found.id } });
      await tx.approvalLink.create({ data: link });
      const entry = { action: 'link', kind: 'approval', objectId: approvalId, changes: { member: found.id } };
      await this.audit.record(tx, actor, entry);
      return { id: link.id, token, approval, memberId: found.id };
    });
  }

  /** What the link is for. Nothing changes by looking. @throws AppError session_required, not_found. */
  async show(actor: Actor, token: string): Promise<ShownApproval> {
    return this.approvals.get(actor, await this.approvalOf(actor, token));
  }

  /** Decides by the link. @throws AppError session_required, not_found; conflict as a decision does. */
  async decide(actor: Actor, token: string, decision: Decision): Promise<ApprovalRecord> {
    return this.decisions.decide(actor, await this.approvalOf(actor, token), decision);
  }

  /** The call that waits, of a link of the member who asks with a session. */
  private async approvalOf({ tenantId, memberId, isSession }: Actor, token: string): Promise<string> {
    if (isSession !== true || memberId == null) throw new AppError('session_required');
    const link = await this.database.run(tenantId, (tx) =>
      tx.approvalLink.findFirst({
        where: { tenantId, memberId, hash: credentialHash(token) },
        include: { approval: true },
      }),
    );
    if (link === null || statusOf(link.approval) !== 'pending')
      throw new AppError('not_found', {
        message: 'This link is not for you, or its call does not wait for a decision any more.',
      });
    return link.approvalId;
  }
}
