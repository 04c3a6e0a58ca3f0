import { Injectable } from '@nestjs/common';
import type { AdminRole } from '../../catalog/admin/roles.js';
import { Config } from '../../config/config.module.js';
import { ChangeFeed } from '../../platform/database/change-feed.js';
import { LiveCache } from '../../platform/database/live-cache.js';
import type { AdminIdentity } from '../../catalog/admin/admin-identity.js';
import { AdminLookupRepository, type StoredAdminToken } from './admin-lookup.repository.js';

/** Who an admin token is: kept in memory like keys are, and current to within the change feed. */
@Injectable()
export class AdminDirectory {
  private readonly known: LiveCache<StoredAdminToken>;

  constructor(repository: AdminLookupRepository, feed: ChangeFeed, config: Config) {
    this.known = new LiveCache<StoredAdminToken>(feed, {
      load: (hash) => repository.findByHash(hash),
      tenantOf: (_hash, token) => token.tenantId,
      touches: (change, _hash, token) =>
        change.kind === 'operator_tokens' ||
        (change.tenantId === token.tenantId && ['admin_tokens', 'members', 'tenants'].includes(change.kind)),
      creates: (change) => change.kind === 'admin_tokens' || change.kind === 'operator_tokens',
      staleMs: config.GT_AUTH_STALE_MS,
      maxEntries: 10_000,
    });
  }

  /** The identity of the token with this hash, when it is known and current. Never waits. */
  peek(hash: string): AdminIdentity | undefined {
    return living(this.known.peek(hash));
  }

  /** The identity of a token by its hash; undefined when it is unknown, expired, revoked, or its member or tenant was disabled. */
  async find(hash: string): Promise<AdminIdentity | undefined> {
    return living(await this.known.get(hash));
  }
}

function living(token: StoredAdminToken | undefined): AdminIdentity | undefined {
  if (token === undefined || token.revoked || (token.expiresAtMs !== null && token.expiresAtMs <= Date.now())) return undefined;
  const { id, role, tenantId, memberId, name, suspended } = token;
  return { role: role as AdminRole, tenantId, memberId, tokenId: id, name, isSuspended: suspended };
}
