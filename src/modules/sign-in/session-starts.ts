import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { MemberRole } from '../../contracts/members.js';
import { credentialHash } from '../../kernel/credentials.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { newSessionSecret } from '../sessions/session-secret.js';
import type { NewSession, SignInPlace } from '../sessions/session-record.js';
import { SessionsRepository, type SessionStart } from '../sessions/sessions.repository.js';
import type { KnownMember } from './credentials.repository.js';

/** Whoever signs in, from where, in which request. */
export interface SignInCall extends SignInPlace {
  readonly requestId: string;
}

/** Begins sessions of members: always one with a new secret, so that none that was known before counts. */
@Injectable()
export class SessionStarts {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly audit: AuditWriter,
  ) {}

  /** @param secondFactor whether one was shown. */
  async begin(
    transaction: Transaction,
    tenantId: string,
    member: Pick<KnownMember, 'id' | 'email' | 'role'>,
    call: SignInCall,
    { method, secondFactor }: Pick<SessionStart, 'method' | 'secondFactor'>,
  ): Promise<NewSession> {
    const secret = newSessionSecret();
    const { address, userAgent } = call;
    const start = {
      memberId: member.id,
      hash: credentialHash(secret),
      role: member.role,
      method,
      secondFactor,
      address,
      userAgent,
    };
    const session = await this.sessions.insert(transaction, tenantId, start);
    const actor = memberActor(tenantId, { ...member, sessionId: session.id }, call);
    const changes = { member: member.id, method, second_factor: secondFactor };
    await this.audit.record(transaction, actor, { action: 'sign_in', kind: 'session', objectId: session.id, changes });
    return { session, secret };
  }
}

/** A member as the audit names who acts in a session. */
export function memberActor(
  tenantId: string,
  { id, email, role, sessionId }: Pick<KnownMember, 'id' | 'email' | 'role'> & { readonly sessionId: string },
  { requestId, address }: SignInCall,
): Actor {
  return { tenantId, memberId: id, role: role as MemberRole, name: `${email} (${sessionId})`, requestId, address };
}
