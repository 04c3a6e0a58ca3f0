import type { MemberObject } from '../../contracts/members.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { MemberRecord } from '../../modules/members/member-record.js';

/** A member of a tenant. */
export function presentMember(member: MemberRecord): MemberObject {
  return {
    object: 'member',
    id: member.id,
    tenant: member.tenant.slug,
    email: member.email,
    name: member.name,
    role: member.role as MemberObject['role'],
    state: member.state as MemberObject['state'],
    created_at: toUnixSeconds(member.createdAt),
  };
}
