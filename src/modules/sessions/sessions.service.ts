import { Injectable } from '@nestjs/common';
import type { Actor, AdminIdentity, OperatorActor } from '../../catalog/admin/admin-identity.js';
import { roleReaches } from '../../catalog/admin/roles.js';
import type { RowPage } from '../../contracts/lists.js';
import type { ListSessionsQuery } from '../../contracts/sessions.js';
import { AppError } from '../../kernel/app-error.js';
import { credentialHash } from '../../kernel/credentials.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { OperatorAuditWriter } from '../audit/operator-audit-writer.js';
import { OperatorSessionsRepository } from './operator-sessions.repository.js';
import { requireSession } from './require-session.js';
import type { NewSession, SessionRecord, SignInPlace } from './session-record.js';
import { newSessionSecret } from './session-secret.js';
import { SessionsRepository } from './sessions.repository.js';

/** Shows and ends sessions. Members see their own; owners, and operators who name the tenant, all of the tenant. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: SessionsRepository,
    private readonly operators: OperatorSessionsRepository,
    private readonly audit: AuditWriter,
    private readonly operatorAudit: OperatorAuditWriter,
  ) {}

  /**
   * Exchanges an operator's token for a session.
   * @throws AppError conflict for whoever asks with a session: a session begets none.
   */
  async ofOperator({ tokenId, sessionId }: AdminIdentity, place: SignInPlace, actor: OperatorActor): Promise<NewSession> {
    if (sessionId !== undefined)
      throw new AppError('conflict', { message: 'You are signed in already. A new session needs the token.' });
    const secret = newSessionSecret();
    return this.operators.change(async (transaction) => {
      const session = await this.operators.insert(transaction, tokenId, { ...place, hash: credentialHash(secret) });
      await this.operatorAudit.record(transaction, actor, { action: 'sign_in', kind: 'session', objectId: session.id });
      return { session, secret };
    });
  }

  /** The session that asks. @throws AppError session_required. */
  async current(identity: AdminIdentity): Promise<SessionRecord> {
    const { tenantId, sessionId } = requireSession(identity);
    const found =
      tenantId === null
        ? await this.operators.find(sessionId)
        : await this.database.run(tenantId, (transaction) => this.repository.find(transaction, tenantId, sessionId));
    if (found === undefined) throw new AppError('not_found');
    return found;
  }

  async list(actor: Actor, query: ListSessionsQuery): Promise<RowPage<SessionRecord>> {
    const member = seesAll(actor) ? query.member : ownMember(actor);
    if (query.member !== undefined && query.member !== member) throw new AppError('not_found', { param: 'member' });
    return this.database.run(actor.tenantId, (transaction) =>
      this.repository.list(transaction, actor.tenantId, { ...query, member }),
    );
  }

  /** @throws AppError not_found, also for a session of somebody else that the actor may not end. */
  async end(actor: Actor, id: string): Promise<void> {
    await this.database.run(actor.tenantId, async (transaction) => {
      const session = await this.repository.find(transaction, actor.tenantId, id);
      if (session === undefined || !(seesAll(actor) || session.member?.id === actor.memberId)) throw new AppError('not_found');
      await this.repository.end(transaction, actor.tenantId, id);
      const { method, address } = session;
      const before = { member: session.member?.id, method, address };
      await this.audit.record(transaction, actor, { action: 'delete', kind: 'session', objectId: id, before });
    });
  }

  /** Ends all sessions of a member; answers how many. @throws AppError not_found. */
  async endOfMember(actor: Actor, memberId: string): Promise<number> {
    return this.database.run(actor.tenantId, async (transaction) => {
      if (!(await this.repository.hasMember(transaction, actor.tenantId, memberId))) throw new AppError('not_found');
      const ended = await this.repository.endOfMember(transaction, actor.tenantId, memberId);
      await this.audit.record(transaction, actor, { action: 'sign_out', kind: 'member', objectId: memberId, changes: { ended } });
      return ended;
    });
  }

  /** Signs out. @throws AppError session_required. */
  async endCurrent(identity: AdminIdentity, author: OperatorActor): Promise<string> {
    const session = requireSession(identity);
    const { tenantId, sessionId } = session;
    const entry = { action: 'sign_out', kind: 'session', objectId: sessionId };
    if (tenantId === null)
      await this.operators.change(async (transaction) => {
        await this.operators.end(transaction, sessionId);
        await this.operatorAudit.record(transaction, author, entry);
      });
    else
      await this.database.run(tenantId, async (transaction) => {
        await this.repository.end(transaction, tenantId, sessionId);
        await this.audit.record(transaction, actorOf(session, tenantId, author), entry);
      });
    return sessionId;
  }

  /** Ends all other sessions of whoever asks; answers how many. @throws AppError session_required. */
  async endOthers(identity: AdminIdentity, author: OperatorActor): Promise<number> {
    const session = requireSession(identity);
    const { tenantId, memberId, sessionId } = session;
    const entryOf = (ended: number) => ({ action: 'sign_out_others', kind: 'session', objectId: sessionId, changes: { ended } });
    if (tenantId === null || memberId === null)
      return this.operators.change(async (transaction) => {
        const ended = await this.operators.endOthers(transaction, sessionId);
        await this.operatorAudit.record(transaction, author, entryOf(ended));
        return ended;
      });
    return this.database.run(tenantId, async (transaction) => {
      const ended = await this.repository.endOfMember(transaction, tenantId, memberId, sessionId);
      await this.audit.record(transaction, actorOf(session, tenantId, author), entryOf(ended));
      return ended;
    });
  }
}

function actorOf({ role, memberId }: AdminIdentity, tenantId: string, author: OperatorActor): Actor {
  return { ...author, tenantId, role, memberId };
}

function seesAll({ role }: Actor): boolean {
  return roleReaches(role, 'owner');
}

/** A token that belongs to no member has no sessions: nothing has this id. */
function ownMember({ memberId }: Actor): string {
  return memberId ?? 'none';
}
