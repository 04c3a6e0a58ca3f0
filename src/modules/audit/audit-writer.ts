import { Injectable } from '@nestjs/common';
import { newId } from '../../kernel/ids.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { changesNothing, type AuditedFields } from './before-and-after.js';

export interface AuditEntry {
  /** `create`, `update`, `delete`, or the verb of the route: `publish`, `rotate`, `revoke`. */
  readonly action: string;
  /** Kind of the object as its `object` member says it: `key`, `connection`. */
  readonly kind: string;
  readonly objectId: string;
  /** What was set: field names and values without secrets. Of an update, the fields that are other than before. */
  readonly changes?: AuditedFields;
  /** Of an update, the same fields as they were; of a deletion, what the object was without its secrets. */
  readonly before?: AuditedFields;
}

/**
 * Records who changed what, in the transaction of the change: neither is ever there without the other. An update that changes
 * nothing leaves no row.
 */
@Injectable()
export class AuditWriter {
  async record(transaction: Transaction, actor: Actor, entry: AuditEntry): Promise<void> {
    await this.recordMany(transaction, actor, [entry]);
  }

  /** The same for many changes, in one statement. */
  async recordMany(transaction: Transaction, actor: Actor, entries: readonly AuditEntry[]): Promise<void> {
    const changing = entries.filter((entry) => !changesNothing(entry));
    if (changing.length === 0) return;
    const rows = changing.map(({ action, kind, objectId, changes = {}, before }) => {
      return { id: newId('audit'), action, kind, object_id: objectId, changes, before };
    });
    await transaction.$executeRaw`
      insert into audit (tenant_id, actor, actor_role, request_id, address, id, action, kind, object_id, changes, before, created_at)
      select ${actor.tenantId}, ${actor.name}, ${actor.role}, ${actor.requestId}, ${actor.address}, id, action, kind, object_id,
             changes, before, clock_timestamp()
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given
          (id text, action text, kind text, object_id text, changes jsonb, before jsonb)`;
  }
}
