import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { AdminTokensRepository } from './admin-tokens.repository.js';

/** Ends the tokens of a member whose rights have become less, or whose password may be known. */
@Injectable()
export class MemberTokens {
  constructor(
    private readonly repository: AdminTokensRepository,
    private readonly audit: AuditWriter,
  ) {}

  /** Revokes all that live, each with a row of the audit. */
  async revokeAll(transaction: Transaction, actor: Actor, memberId: string): Promise<void> {
    const revoked = await this.repository.revokeOfMember(transaction, actor.tenantId, memberId);
    const entries = revoked.map(({ id, name }) => {
      return { action: 'revoke', kind: 'admin_token', objectId: id, changes: { name, member: memberId } };
    });
    await this.audit.recordMany(transaction, actor, entries);
  }
}
