import type { AuditFilter } from '../../contracts/audit.js';

/** A filter as a condition on either table of the audit. Who is signed in is named with the session: an e-mail address means all of them. */
export function auditWhere({ actor, action, kind, object_id, request_id, address, since, until }: AuditFilter) {
  const createdAt = {
    ...(since === undefined ? {} : { gte: new Date(since * 1000) }),
    ...(until === undefined ? {} : { lt: new Date(until * 1000) }),
  };
  const byActor = actor === undefined ? {} : { OR: [{ actor }, { actor: { startsWith: `${actor} (` } }] };
  return { ...byActor, action, kind, objectId: object_id, requestId: request_id, address, createdAt };
}
