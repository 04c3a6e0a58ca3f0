import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { credentialHash } from '../../../kernel/credentials.js';
import { randomBase62 } from '../../../kernel/ids.js';
import { writing } from '../../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import { AuditWriter } from '../../audit/audit-writer.js';
import { MemberTokens } from '../../members/member-tokens.js';
import type { NewSession } from '../../sessions/session-record.js';
import { SessionsRepository } from '../../sessions/sessions.repository.js';
import { CredentialsRepository, type KnownMember } from '../credentials.repository.js';
import { MemberLinksRepository, type MemberLinkRecord } from '../member-links.repository.js';
import { memberActor, SessionStarts, type SignInCall } from '../session-starts.js';
import { OidcSecrets, type OidcAttempt } from './oidc-secrets.js';
import type { OidcAccount, OidcServer } from './oidc-server.js';
import { OidcServers } from './oidc-servers.js';
import { OidcRepository, type OidcRecord } from './oidc.repository.js';
import { tripSeconds } from './trip-seconds.js';

/** An account that a link has bound to a member. */
interface BoundAccount {
  readonly tenantId: string;
  readonly member: KnownMember;
  readonly link: MemberLinkRecord;
  readonly account: OidcAccount;
}

/** A browser that is sent on its way. */
export interface BegunTrip {
  readonly authorizationUrl: string;
  /** What its cookie holds until it is back. */
  readonly cookie: string;
}

/**
 * Signs members in at their tenant's own sign-in. An account is known by its issuer and subject alone: at the first time a link says
 * whose it is, and an e-mail address that the issuer tells says nothing. Nobody is made a member by signing in.
 */
@Injectable()
export class OidcSignInService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly settings: OidcRepository,
    private readonly servers: OidcServers,
    private readonly secrets: OidcSecrets,
    private readonly credentials: CredentialsRepository,
    private readonly links: MemberLinksRepository,
    private readonly sessions: SessionsRepository,
    private readonly starts: SessionStarts,
    private readonly tokens: MemberTokens,
    private readonly audit: AuditWriter,
  ) {}

  /** Whether the tenant has a sign-in of its own. */
  async isThere(tenantId: string): Promise<boolean> {
    return (await this.database.run(tenantId, (transaction) => this.settings.find(transaction, tenantId))) !== undefined;
  }

  /**
   * @param link the token of a link, for a member's first time.
   * @throws AppError not_found where the tenant has no sign-in of its own, or the link is not good; upstream_error, upstream_unavailable.
   */
  async begin(tenantId: string | undefined, redirectUri: string, link: string | undefined): Promise<BegunTrip> {
    if (tenantId === undefined) throw noSignIn();
    const linkHash = link === undefined ? null : credentialHash(link);
    const record = await this.database.run(tenantId, async (transaction) => {
      if (linkHash !== null && (await this.links.find(transaction, tenantId, linkHash)) === undefined)
        throw new AppError('not_found', { param: 'link', message: 'This link is no longer good. Ask for another.' });
      return this.settings.find(transaction, tenantId);
    });
    if (record === undefined) throw noSignIn();
    const server = await this.serverOf(record);
    const trip = { redirectUri, state: randomBase62(32), nonce: randomBase62(32), verifier: randomBase62(64) };
    const endsAtMs = Date.now() + tripSeconds * 1000;
    return {
      authorizationUrl: await server.authorizationUrl(record.scopes, trip),
      cookie: this.secrets.sealAttempt({ ...trip, tenantId, linkHash, endsAtMs }),
    };
  }

  /**
   * @param cookie what `begin` gave the browser.
   * @throws AppError invalid_credentials for an account that belongs to no member, another's trip and what the issuer refuses;
   * conflict for an account that belongs to another member; not_found, upstream_error, upstream_unavailable.
   */
  async complete(cookie: string | undefined, callback: URL, call: SignInCall): Promise<NewSession> {
    const attempt = cookie === undefined ? undefined : this.secrets.openAttempt(cookie);
    if (attempt === undefined || callback.searchParams.get('state') !== attempt.state)
      throw new AppError('invalid_credentials', {
        message: 'This sign-in was begun in another browser, or took longer than ten minutes. Begin again.',
      });
    const { tenantId } = attempt;
    const record = await this.database.run(tenantId, (transaction) => this.settings.find(transaction, tenantId));
    if (record === undefined) throw noSignIn();
    const server = await this.serverOf(record);
    const account = await this.servers.account(() => server.account(callback, attempt));
    return this.database.run(tenantId, async (transaction) => {
      const { member, link } = await this.memberOf(transaction, attempt, account);
      const begun = await this.starts.begin(transaction, tenantId, member, call, { method: 'oidc', secondFactor: false });
      if (link !== undefined) await this.bound(transaction, { tenantId, member, link, account }, begun, call);
      return begun;
    });
  }

  /** A link has bound the account: that stands in the audit, and a recovery ends what was there before. */
  private async bound(
    transaction: Transaction,
    { tenantId, member, link, account }: BoundAccount,
    { session }: NewSession,
    call: SignInCall,
  ): Promise<void> {
    const actor = memberActor(tenantId, { ...member, sessionId: session.id }, call);
    const changes = { by: link.kind, issuer: account.issuer, subject: account.subject };
    await this.audit.record(transaction, actor, { action: 'bind_account', kind: 'member', objectId: member.id, changes });
    if (link.resetsSecondFactor) await this.credentials.setTotp(transaction, tenantId, member.id, null);
    await this.tokens.revokeAll(transaction, actor, member.id);
  }

  private async memberOf(
    transaction: Transaction,
    attempt: OidcAttempt,
    account: OidcAccount,
  ): Promise<{ readonly member: KnownMember; readonly link?: MemberLinkRecord }> {
    const { tenantId, linkHash } = attempt;
    const found = await this.credentials.findByAccount(transaction, tenantId, account);
    if (found !== null) await this.credentials.lock(transaction, tenantId, found.id);
    const known = await this.credentials.findByAccount(transaction, tenantId, account);
    if (linkHash === null) {
      if (known !== null) return { member: known };
      throw new AppError('invalid_credentials', {
        message: 'This account belongs to no member. Whoever comes in this way for the first time needs a link: ask an owner.',
      });
    }
    const looked = await this.links.find(transaction, tenantId, linkHash);
    if (looked !== undefined) await this.credentials.lock(transaction, tenantId, looked.memberId);
    const link = await this.links.find(transaction, tenantId, linkHash, true);
    const member = link === undefined ? null : await this.credentials.findMember(transaction, tenantId, link.memberId);
    if (link === undefined || member === null)
      throw new AppError('invalid_credentials', { message: 'The link is no longer good. Ask for another.' });
    if (known !== null && known.id !== member.id)
      throw new AppError('conflict', { message: 'This account belongs to another member of the tenant.' });
    await this.links.delete(transaction, tenantId, member.id);
    await writing('member', () => this.credentials.bindAccount(transaction, tenantId, member.id, account));
    await this.sessions.endOfMember(transaction, tenantId, member.id);
    return { member, link };
  }

  private async serverOf({ tenantId, issuer, clientId, clientSecret, clientAuth }: OidcRecord): Promise<OidcServer> {
    const secret = this.secrets.openSecret(tenantId, clientSecret);
    return this.servers.of({ issuer, clientId, secret, auth: clientAuth as 'basic' | 'post' });
  }
}

function noSignIn(): AppError {
  return new AppError('not_found', { param: 'tenant', message: 'This tenant has no sign-in of its own.' });
}
