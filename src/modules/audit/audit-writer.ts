import { Injectable } from '@nestjs/common';
import { newId } from '../../kernel/ids.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';

export interface AuditEntry {
  /** `create`, `update`, `delete`, or the verb of the route: `publish`, `rotate`, `revoke`. */
  readonly action: string;
  /** Kind of the object as its `object` member says it: `key`, `connection`. */
  readonly kind: string;
  readonly objectId: string;
  /** What was set: field names and values without secrets. */
  readonly changes?: Readonly<Record<string, unknown>>;
}

/** Records who changed what, in the transaction of the change: neither is ever there without the other. */
@Injectable()
export class AuditWriter {
  async record(transaction: Transaction, actor: Actor, entry: AuditEntry): Promise<void> {
    await transaction.audit.create({ data: rowOf(actor, entry) });
  }

  /** The same for many changes, in one statement. */
  async recordMany(transaction: Transaction, actor: Actor, entries: readonly AuditEntry[]): Promise<void> {
    await transaction.audit.createMany({ data: entries.map((entry) => rowOf(actor, entry)) });
  }
}

function rowOf(actor: Actor, entry: AuditEntry) {
  return {
    tenantId: actor.tenantId,
    id: newId('audit'),
    actor: actor.name,
    actorRole: actor.role,
    action: entry.action,
    kind: entry.kind,
    objectId: entry.objectId,
    requestId: actor.requestId,
    changes: JSON.parse(JSON.stringify(entry.changes ?? {})) as object,
  };
}
