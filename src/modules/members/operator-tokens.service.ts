import { Injectable } from '@nestjs/common';
import type { ListOperatorTokensQuery } from '../../contracts/admin-tokens.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import type { OperatorToken } from '../../platform/database/generated/client.js';
import { auditedFields, beforeAndAfter } from '../audit/before-and-after.js';
import { OperatorAuditWriter } from '../audit/operator-audit-writer.js';
import type { OperatorActor } from '../../catalog/admin/admin-identity.js';
import { OperatorTokensRepository } from './operator-tokens.repository.js';

export type OperatorTokenRecord = OperatorToken;

/** Operators' tokens are made on the command line (bootstrap.ts); operators see and revoke them over the admin plane. */
@Injectable()
export class OperatorTokensService {
  constructor(
    private readonly repository: OperatorTokensRepository,
    private readonly audit: OperatorAuditWriter,
  ) {}

  async list(query: ListOperatorTokensQuery): Promise<RowPage<OperatorTokenRecord>> {
    return this.repository.list(query);
  }

  /** Ends a token at once and for good; one that was revoked stays as it is. @throws AppError not_found. */
  async revoke(actor: OperatorActor, id: string): Promise<OperatorTokenRecord> {
    return this.repository.change(async (transaction) => {
      await this.repository.lock(transaction, id);
      const token = await this.repository.find(transaction, id);
      if (token === null) throw new AppError('not_found');
      if (token.revokedAt !== null) return token;
      const revoked = await this.repository.revoke(transaction, id, new Date());
      const fields = ['name', 'lastFour', 'revokedAt'] as const;
      const changed = beforeAndAfter(auditedFields(token, fields), auditedFields(revoked, fields), ['name']);
      await this.audit.record(transaction, actor, { action: 'revoke', kind: 'operator_token', objectId: id, ...changed });
      return revoked;
    });
  }
}
