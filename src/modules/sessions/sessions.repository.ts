import { Injectable } from '@nestjs/common';
import type { ListSessionsQuery } from '../../contracts/sessions.js';
import type { RowPage } from '../../contracts/lists.js';
import { newTimedId } from '../../kernel/ids.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { SessionRecord, SignInPlace } from './session-record.js';
import { idleMs, longestMs, mostSessions } from './session-times.js';

const whose = {
  member: { select: { id: true, email: true, name: true } },
  tenant: { select: { id: true, slug: true } },
} as const;

/** What a new session of a member says of itself. */
export interface SessionStart extends SignInPlace {
  readonly memberId: string;
  readonly hash: string;
  readonly role: string;
  readonly method: 'password' | 'oidc' | 'link';
  readonly secondFactor: boolean;
}

/** The rows of members' sessions. One whose time is over is not there. */
@Injectable()
export class SessionsRepository {
  /** Begins a session; beyond the number that a member may have, the oldest ones end. */
  async insert(transaction: Transaction, tenantId: string, start: SessionStart): Promise<SessionRecord> {
    const { memberId, userAgent, ...rest } = start;
    const now = new Date();
    const row = await transaction.session.create({
      data: {
        tenantId,
        id: newTimedId('session', now.getTime()),
        memberId,
        ...rest,
        userAgent: userAgent.slice(0, 300),
        createdAt: now,
        lastSeenAt: now,
        expiresAt: new Date(now.getTime() + longestMs),
      },
      include: whose,
    });
    await transaction.$executeRaw`
      delete from sessions where tenant_id = ${tenantId} and member_id = ${memberId} and id not in
        (select id from sessions where tenant_id = ${tenantId} and member_id = ${memberId} order by created_at desc, id desc limit ${mostSessions})`;
    return shown(row);
  }

  async list(transaction: Transaction, tenantId: string, query: ListSessionsQuery): Promise<RowPage<SessionRecord>> {
    const living = { tenantId, memberId: query.member, ...alive() };
    const page = await readPage(query, {
      find: (id) => transaction.session.findFirst({ where: { tenantId, id } }),
      list: ({ where, orderBy, take }) =>
        transaction.session.findMany({ where: { ...living, ...where }, include: whose, orderBy, take }),
    });
    return { rows: page.rows.map(shown), hasMore: page.hasMore };
  }

  async find(transaction: Transaction, tenantId: string, id: string): Promise<SessionRecord | undefined> {
    const row = await transaction.session.findFirst({ where: { tenantId, id, ...alive() }, include: whose });
    return row === null ? undefined : shown(row);
  }

  async hasMember(transaction: Transaction, tenantId: string, id: string): Promise<boolean> {
    return (await transaction.member.count({ where: { tenantId, id } })) > 0;
  }

  async end(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.session.deleteMany({ where: { tenantId, id } });
  }

  /** Ends a member's sessions but this one; answers how many. */
  async endOfMember(transaction: Transaction, tenantId: string, memberId: string, but?: string): Promise<number> {
    const not = but === undefined ? {} : { NOT: { id: but } };
    const { count } = await transaction.session.deleteMany({ where: { tenantId, memberId, ...not } });
    return count;
  }

  /** Ends all sessions of a tenant. */
  async endOfTenant(transaction: Transaction, tenantId: string): Promise<void> {
    await transaction.session.deleteMany({ where: { tenantId } });
  }

  async touch(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.session.updateMany({ where: { tenantId, id }, data: { lastSeenAt: new Date() } });
  }
}

function alive() {
  const now = Date.now();
  return { expiresAt: { gt: new Date(now) }, lastSeenAt: { gt: new Date(now - idleMs) } };
}

function shown(
  row: Omit<SessionRecord, 'tenant' | 'member' | 'name'> & {
    readonly tenant: { readonly id: string; readonly slug: string };
    readonly member: { readonly id: string; readonly email: string; readonly name: string };
  },
): SessionRecord {
  return { ...row, name: row.member.email };
}
