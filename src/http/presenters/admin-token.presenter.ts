import type { AdminTokenObject, OperatorTokenObject } from '../../contracts/admin-tokens.js';
import { secondsOrNull, toUnixSeconds } from '../../contracts/times.js';
import type { AdminTokenRecord } from '../../modules/members/member-record.js';
import type { OperatorTokenRecord } from '../../modules/members/operator-tokens.service.js';

/** An admin token without its secret; `member` is the id of the member whose it is. */
export function presentAdminToken(token: AdminTokenRecord): AdminTokenObject {
  return {
    object: 'admin_token',
    id: token.id,
    tenant: token.tenant.slug,
    name: token.name,
    role: token.role as AdminTokenObject['role'],
    member: token.memberId,
    state: token.revokedAt !== null ? 'revoked' : token.expiresAt.getTime() <= Date.now() ? 'expired' : 'active',
    last_four: token.lastFour,
    expires_at: toUnixSeconds(token.expiresAt),
    last_used_at: secondsOrNull(token.lastUsedAt),
    created_at: toUnixSeconds(token.createdAt),
  };
}

/** An operator's token without its secret. */
export function presentOperatorToken(token: OperatorTokenRecord): OperatorTokenObject {
  return {
    object: 'operator_token',
    id: token.id,
    name: token.name,
    state: token.revokedAt === null ? 'active' : 'revoked',
    last_four: token.lastFour,
    last_used_at: secondsOrNull(token.lastUsedAt),
    created_at: toUnixSeconds(token.createdAt),
  };
}
