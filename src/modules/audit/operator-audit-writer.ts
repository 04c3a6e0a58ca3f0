import { Injectable } from '@nestjs/common';
import { newId } from '../../kernel/ids.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { OperatorActor } from '../../catalog/admin/admin-identity.js';
import type { AuditEntry } from './audit-writer.js';
import { changesNothing, type AuditedFields } from './before-and-after.js';

/** Records what operators do where no tenant is left to record it in: deleted tenants, operators' tokens. */
@Injectable()
export class OperatorAuditWriter {
  /** @param transaction one of the platform: a tenant's own may not write here. */
  async record(transaction: Transaction, actor: OperatorActor, entry: AuditEntry): Promise<void> {
    if (changesNothing(entry)) return;
    await transaction.operatorAudit.create({
      data: {
        id: newId('audit'),
        actor: actor.name,
        action: entry.action,
        kind: entry.kind,
        objectId: entry.objectId,
        requestId: actor.requestId,
        address: actor.address,
        changes: stored(entry.changes ?? {}),
        ...(entry.before === undefined ? {} : { before: stored(entry.before) }),
      },
    });
  }
}

function stored(fields: AuditedFields): object {
  return JSON.parse(JSON.stringify(fields)) as object;
}
