import type { AuditObject } from '../../contracts/audit.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { AuditRecord } from '../../modules/audit/audit-record.js';

/** One change, as it was recorded. */
export function presentAudit(audit: AuditRecord): AuditObject {
  return {
    object: 'audit',
    id: audit.id,
    actor: audit.actor,
    actor_role: audit.actorRole,
    action: audit.action,
    kind: audit.kind,
    object_id: audit.objectId,
    tenant_id: audit.tenantId,
    request_id: audit.requestId,
    address: audit.address,
    changes: audit.changes as AuditObject['changes'],
    before: audit.before as AuditObject['before'],
    sealed: audit.seq !== null,
    seq: audit.seq === null ? null : Number(audit.seq),
    hash: audit.hash === null ? null : Buffer.from(audit.hash).toString('hex'),
    time: audit.createdAt.toISOString(),
    created_at: toUnixSeconds(audit.createdAt),
  };
}
