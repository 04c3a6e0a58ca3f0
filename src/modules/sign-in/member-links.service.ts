import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { AcceptLinkRequest } from '../../contracts/sign-in.js';
import { AppError } from '../../kernel/app-error.js';
import { credentialHash } from '../../kernel/credentials.js';
import { newId, randomBase62 } from '../../kernel/ids.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { MemberTokens } from '../members/member-tokens.js';
import { MembersService } from '../members/members.service.js';
import type { NewSession } from '../sessions/session-record.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { CredentialsRepository } from './credentials.repository.js';
import { LinkLookupRepository } from './link-lookup.repository.js';
import { MemberLinksRepository, type MemberLinkRecord } from './member-links.repository.js';
import { Passwords } from './passwords.js';
import { SecondFactor } from './second-factor.js';
import { SignInTries } from './sign-in-tries.js';
import { memberActor, SessionStarts, type SignInCall } from './session-starts.js';

/** So long a link is good, in milliseconds. */
const linkMs = 72 * 3_600_000;

/** A link that was just made, with its token, which is shown this once. */
export interface NewLink {
  readonly link: MemberLinkRecord;
  readonly token: string;
}

/** Invitations and recoveries: links by which a member sets a password, each good once. */
@Injectable()
export class MemberLinksService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly members: MembersService,
    private readonly links: MemberLinksRepository,
    private readonly lookup: LinkLookupRepository,
    private readonly credentials: CredentialsRepository,
    private readonly passwords: Passwords,
    private readonly secondFactor: SecondFactor,
    private readonly tries: SignInTries,
    private readonly sessions: SessionsRepository,
    private readonly tokens: MemberTokens,
    private readonly starts: SessionStarts,
    private readonly audit: AuditWriter,
  ) {}

  /** @throws AppError not_found; conflict for a member who has signed in before, or is disabled. */
  async invite(actor: Actor, memberId: string): Promise<NewLink> {
    return this.make(actor, memberId, 'invitation', false);
  }

  /** @throws AppError not_found; conflict for a member who is disabled. */
  async recover(actor: Actor, memberId: string, resetsSecondFactor: boolean): Promise<NewLink> {
    return this.make(actor, memberId, 'recovery', resetsSecondFactor);
  }

  /** What the link is for. It stays as it is. @throws AppError not_found. */
  async show(token: string): Promise<MemberLinkRecord> {
    const { tenantId, hash } = await this.tenantOf(token);
    const link = await this.database.run(tenantId, (transaction) => this.links.find(transaction, tenantId, hash));
    if (link === undefined) throw noLink();
    return link;
  }

  /**
   * Uses the link: sets the password, ends all sessions and tokens of the member, and begins a session. Where the member has a
   * second factor that the link does not take away, its code is needed too.
   * @throws AppError not_found, second_factor_required, invalid_credentials, rate_limit_exceeded, overloaded; the link stays good.
   */
  async accept({ link: token, password, code }: AcceptLinkRequest, call: SignInCall): Promise<NewSession> {
    const { tenantId, hash } = await this.tenantOf(token);
    // Codes count for the link: whoever keeps the member from signing in by wrong tries does not keep the member from this.
    if (code !== undefined) await this.tries.count(tenantId, hash);
    const { memberId } = await this.show(token);
    const passwordHash = await this.passwords.hash(tenantId, password);
    return this.database.run(tenantId, async (transaction) => {
      await this.credentials.lock(transaction, tenantId, memberId);
      const link = await this.links.find(transaction, tenantId, hash, true);
      if (link === undefined) throw noLink();
      const { id } = link.member;
      const known = await this.credentials.findMember(transaction, tenantId, id);
      const isAsked = !link.resetsSecondFactor && this.secondFactor.isOn(known?.credential ?? null);
      if (isAsked) await this.secondFactor.demand(transaction, known?.credential ?? null, code);
      if (code !== undefined) await this.tries.forget(transaction, tenantId, hash);
      await this.tries.forget(transaction, tenantId, link.member.email);
      await this.links.delete(transaction, tenantId, id);
      await this.credentials.setPassword(transaction, tenantId, id, passwordHash);
      if (link.resetsSecondFactor) await this.credentials.setTotp(transaction, tenantId, id, null);
      await this.sessions.endOfMember(transaction, tenantId, id);
      const how = { method: 'link', secondFactor: isAsked } as const;
      const begun = await this.starts.begin(transaction, tenantId, link.member, call, how);
      const actor = memberActor(tenantId, { ...link.member, sessionId: begun.session.id }, call);
      const changes = { by: link.kind, second_factor: link.resetsSecondFactor ? 'reset' : 'kept' };
      await this.audit.record(transaction, actor, { action: 'set_password', kind: 'member', objectId: id, changes });
      await this.tokens.revokeAll(transaction, actor, id);
      return begun;
    });
  }

  private async make(
    actor: Actor,
    memberId: string,
    kind: 'invitation' | 'recovery',
    resetsSecondFactor: boolean,
  ): Promise<NewLink> {
    const { tenantId } = actor;
    const token = `gtln_${randomBase62(43)}`;
    return this.database.run(tenantId, async (transaction) => {
      const member = await this.members.getIn(transaction, actor, memberId);
      if (member.state !== 'active')
        throw new AppError('conflict', { message: 'This member is disabled. Make the member active first.' });
      const known = await this.credentials.findMember(transaction, tenantId, memberId);
      if (kind === 'invitation' && (known?.credential?.passwordHash ?? known?.credential?.oidcSubject ?? null) !== null)
        throw new AppError('conflict', { message: 'This member has signed in before. Make a recovery link instead.' });
      const link = await this.links.put(transaction, {
        tenantId,
        id: newId('memberLink'),
        memberId,
        kind,
        hash: credentialHash(token),
        resetsSecondFactor,
        createdBy: actor.name,
        expiresAt: new Date(Date.now() + linkMs),
      });
      const action = kind === 'invitation' ? 'invite' : 'recover';
      const changes = resetsSecondFactor ? { second_factor: 'reset' } : {};
      await this.audit.record(transaction, actor, { action, kind: 'member', objectId: memberId, changes });
      return { link, token };
    });
  }

  private async tenantOf(token: string): Promise<{ tenantId: string; hash: string }> {
    const hash = credentialHash(token);
    const tenantId = await this.lookup.tenantOf(hash);
    if (tenantId === undefined) throw noLink();
    return { tenantId, hash };
  }
}

function noLink(): AppError {
  return new AppError('not_found', {
    message: 'This link is no longer good: it was used, its 72 hours are over, or a newer one was made. Ask for another.',
  });
}
