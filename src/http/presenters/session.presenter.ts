import { toUnixSeconds } from '../../contracts/times.js';
import type { SessionObject } from '../../contracts/sign-in.js';
import type { SessionRecord } from '../../modules/sessions/session-record.js';
import { idleMs } from '../../modules/sessions/session-times.js';

/** A session. @param currentId that of the session that asks. */
export function presentSession(session: SessionRecord, currentId: string | undefined): SessionObject {
  const { id, tenant, member, role, name, method, secondFactor, address, userAgent, createdAt, lastSeenAt, expiresAt } = session;
  const expires = toUnixSeconds(expiresAt);
  return {
    object: 'session',
    id,
    kind: tenant === null ? 'operator' : 'member',
    tenant: tenant?.slug ?? null,
    member: member === null ? null : { id: member.id, email: member.email, name: member.name },
    role: role as SessionObject['role'],
    name,
    method: method as SessionObject['method'],
    second_factor: secondFactor,
    address,
    user_agent: userAgent,
    current: id === currentId,
    created_at: toUnixSeconds(createdAt),
    last_seen_at: toUnixSeconds(lastSeenAt),
    idle_ends_at: Math.min(expires, toUnixSeconds(new Date(lastSeenAt.getTime() + idleMs))),
    expires_at: expires,
  };
}
