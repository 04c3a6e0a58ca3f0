import { Injectable } from '@nestjs/common';
import type { AdminIdentity } from '../../catalog/admin/admin-identity.js';
import type { AdminRole } from '../../catalog/admin/roles.js';
import { Config } from '../../config/config.module.js';
import { Log } from '../../observability/log.js';
import { ChangeFeed } from '../../platform/database/change-feed.js';
import { LiveCache } from '../../platform/database/live-cache.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { OperatorSessionsRepository } from './operator-sessions.repository.js';
import { SessionLookupRepository, type StoredSession } from './session-lookup.repository.js';
import { isOver, notedEveryMs } from './session-times.js';
import { SessionsRepository } from './sessions.repository.js';

/**
 * Who a session is: kept in memory as keys are, and current to within the change feed. A use is noted in the database every five
 * minutes at most, where all processes read it.
 */
@Injectable()
export class SessionDirectory {
  private readonly known: LiveCache<StoredSession>;
  /** When this process last noted a use, by the session's id. */
  private readonly noted = new Map<string, number>();

  constructor(
    lookup: SessionLookupRepository,
    private readonly database: TenantDatabase,
    private readonly sessions: SessionsRepository,
    private readonly operators: OperatorSessionsRepository,
    private readonly log: Log,
    feed: ChangeFeed,
    config: Config,
  ) {
    this.known = new LiveCache<StoredSession>(feed, {
      load: (hash) => lookup.findByHash(hash),
      tenantOf: (_hash, session) => session.tenantId,
      touches: (change, _hash, session) =>
        session.tenantId === null
          ? (change.kind === 'operator_sessions' && change.ref === session.id) || change.kind === 'operator_tokens'
          : change.tenantId === session.tenantId &&
            ((change.kind === 'sessions' && change.ref === session.id) || ['members', 'tenants'].includes(change.kind)),
      creates: (change) => change.kind === 'sessions' || change.kind === 'operator_sessions',
      staleMs: config.GT_AUTH_STALE_MS,
      maxEntries: 10_000,
    });
  }

  /** The identity of the session with this hash, when it is known and current. Never waits. */
  peek(hash: string): AdminIdentity | undefined {
    return this.living(this.known.peek(hash));
  }

  /** The identity of a session by the hash of its secret; undefined when there is none, or it has ended. */
  async find(hash: string): Promise<AdminIdentity | undefined> {
    return this.living(await this.known.get(hash));
  }

  private living(session: StoredSession | undefined): AdminIdentity | undefined {
    const now = Date.now();
    if (session === undefined || isOver(session, now)) return undefined;
    this.note(session, now);
    const { id, role, name, tenantId, memberId, tokenId } = session;
    return { role: role as AdminRole, tenantId, memberId, tokenId: tokenId ?? id, sessionId: id, name };
  }

  private note({ id, tenantId, lastSeenAtMs }: StoredSession, nowMs: number): void {
    if (Math.max(lastSeenAtMs, this.noted.get(id) ?? 0) + notedEveryMs > nowMs) return;
    // What was noted long ago stands in the database by now.
    if (this.noted.size >= 10_000) this.noted.clear();
    this.noted.set(id, nowMs);
    const written =
      tenantId === null
        ? this.operators.touch(id)
        : this.database.run(tenantId, (transaction) => this.sessions.touch(transaction, tenantId, id));
    written.catch((error: unknown) => {
      this.noted.delete(id);
      this.log.failure(error, { session: id });
    });
  }
}
