import { Injectable } from '@nestjs/common';
import type { AdminIdentity } from '../../catalog/admin/admin-identity.js';
import type { ChangePasswordRequest } from '../../contracts/sign-in.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter, type AuditEntry } from '../audit/audit-writer.js';
import { MemberTokens } from '../members/member-tokens.js';
import { requireMember } from '../sessions/require-session.js';
import type { NewSession } from '../sessions/session-record.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { CredentialsRepository, type CredentialRecord, type KnownMember } from './credentials.repository.js';
import { Passwords } from './passwords.js';
import { SecondFactor } from './second-factor.js';
import { memberActor, SessionStarts, type SignInCall } from './session-starts.js';
import { SignInService } from './sign-in.service.js';
import { SignInTries } from './sign-in-tries.js';
import { totpUrl } from './totp.js';

/** A second factor that was set up. */
export interface TotpSetup {
  readonly secret: string;
  readonly url: string;
}

/** Recovery codes, or what else was asked for, with the session that goes on with a new secret. */
export interface WithSession<T> extends NewSession {
  readonly value: T;
}

type Member = ReturnType<typeof requireMember>;

/** What members who are signed in change of their own sign-in. Each method throws AppError session_required for others. */
@Injectable()
export class OwnSignInService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly credentials: CredentialsRepository,
    private readonly passwords: Passwords,
    private readonly signIn: SignInService,
    private readonly tries: SignInTries,
    private readonly secondFactor: SecondFactor,
    private readonly starts: SessionStarts,
    private readonly sessions: SessionsRepository,
    private readonly tokens: MemberTokens,
    private readonly audit: AuditWriter,
  ) {}

  async show(identity: AdminIdentity): Promise<CredentialRecord | null> {
    const member = requireMember(identity);
    return this.database.run(member.tenantId, async (transaction) => (await this.self(transaction, member)).credential);
  }

  /**
   * Changes the password. All sessions and tokens of the member end; the session that asks goes on with a new secret.
   * @throws AppError invalid_credentials, rate_limit_exceeded, overloaded.
   */
  async changePassword(identity: AdminIdentity, input: ChangePasswordRequest, call: SignInCall): Promise<NewSession> {
    const member = requireMember(identity);
    const { tenantId } = member;
    const proved = await this.prove(member, input.current_password);
    const passwordHash = await this.passwords.hash(tenantId, input.new_password);
    return this.database.run(tenantId, async (transaction) => {
      const self = await this.locked(transaction, member, proved);
      const hasSecond = this.secondFactor.isOn(self.credential);
      // Where there is a second factor, the password alone is no success that lets somebody begin to guess anew.
      if (!hasSecond) await this.tries.forget(transaction, tenantId, self.email);
      await this.credentials.setPassword(transaction, tenantId, self.id, passwordHash);
      await this.tokens.revokeAll(transaction, memberActor(tenantId, { ...self, sessionId: member.sessionId }, call), self.id);
      await this.record(transaction, self, member, call, { action: 'change_password', kind: 'member', objectId: self.id });
      return this.goOn(transaction, tenantId, self, call, hasSecond);
    });
  }

  /** @throws AppError conflict where there is a second factor already; invalid_credentials, rate_limit_exceeded, overloaded. */
  async setUpTotp(identity: AdminIdentity, password: string, call: SignInCall): Promise<TotpSetup> {
    const member = requireMember(identity);
    const proved = await this.prove(member, password);
    return this.database.run(member.tenantId, async (transaction) => {
      const self = await this.locked(transaction, member, proved);
      if (this.secondFactor.isOn(self.credential)) throw alreadyOn();
      await this.tries.forget(transaction, member.tenantId, self.email);
      await this.record(transaction, self, member, call, { action: 'set_up_second_factor', kind: 'member', objectId: self.id });
      const secret = await this.secondFactor.setUp(transaction, member.tenantId, self.id);
      return { secret, url: await totpUrl(secret, self.email) };
    });
  }

  /** Confirms it: from now on it counts. All other sessions end, the one that asks goes on with a new secret. */
  async confirmTotp(identity: AdminIdentity, code: string, call: SignInCall): Promise<WithSession<readonly string[]>> {
    const member = requireMember(identity);
    await this.tries.count(member.tenantId, await this.addressOf(member));
    return this.database.run(member.tenantId, async (transaction) => {
      const self = await this.locked(transaction, member);
      const { credential } = self;
      if (this.secondFactor.isOn(credential)) throw alreadyOn();
      if (credential?.totpSecret == null)
        throw new AppError('conflict', { message: 'No second factor was set up. Begin with POST /session/totp.' });
      await this.secondFactor.demandOfApp(transaction, credential, code);
      await this.tries.forget(transaction, member.tenantId, self.email);
      await this.credentials.confirmTotp(transaction, member.tenantId, self.id);
      const value = await this.secondFactor.newRecoveryCodes(transaction, member.tenantId, self.id);
      await this.record(transaction, self, member, call, { action: 'add_second_factor', kind: 'member', objectId: self.id });
      return { value, ...(await this.goOn(transaction, member.tenantId, self, call, true)) };
    });
  }

  /** Takes the second factor away. @throws AppError conflict where there is none; as for `prove`. */
  async removeTotp(identity: AdminIdentity, proof: BothFactors, call: SignInCall): Promise<WithSession<CredentialRecord | null>> {
    return this.withBoth(identity, proof, async (transaction, self, member) => {
      await this.credentials.setTotp(transaction, member.tenantId, self.id, null);
      await this.record(transaction, self, member, call, { action: 'remove_second_factor', kind: 'member', objectId: self.id });
      const session = await this.goOn(transaction, member.tenantId, self, call, false);
      return { value: (await this.self(transaction, member)).credential, ...session };
    });
  }

  /** New recovery codes in the place of those before. @throws AppError as `removeTotp`. */
  async renewRecoveryCodes(identity: AdminIdentity, proof: BothFactors, call: SignInCall): Promise<readonly string[]> {
    return this.withBoth(identity, proof, async (transaction, self, member) => {
      await this.record(transaction, self, member, call, { action: 'renew_recovery_codes', kind: 'member', objectId: self.id });
      return this.secondFactor.newRecoveryCodes(transaction, member.tenantId, self.id);
    });
  }

  private async withBoth<T>(
    identity: AdminIdentity,
    { password, code }: BothFactors,
    work: (transaction: Transaction, self: KnownMember, member: Member) => Promise<T>,
  ): Promise<T> {
    const member = requireMember(identity);
    const proved = await this.prove(member, password);
    return this.database.run(member.tenantId, async (transaction) => {
      const self = await this.locked(transaction, member, proved);
      if (self.credential === null || !this.secondFactor.isOn(self.credential))
        throw new AppError('conflict', { message: 'There is no second factor.' });
      await this.secondFactor.demand(transaction, self.credential, code);
      await this.tries.forget(transaction, member.tenantId, self.email);
      return work(transaction, self, member);
    });
  }

  /** The password once more. The try counts until all that is asked for was shown. */
  private async prove(member: Member, password: string): Promise<KnownMember> {
    return this.signIn.prove(member.tenantId, await this.addressOf(member), password);
  }

  private async addressOf(member: Member): Promise<string> {
    return this.database.run(member.tenantId, async (transaction) => (await this.self(transaction, member)).email);
  }

  private async self(transaction: Transaction, { tenantId, memberId }: Member): Promise<KnownMember> {
    const found = await this.credentials.findMember(transaction, tenantId, memberId);
    if (found === null) throw new AppError('not_found');
    return found;
  }

  /**
   * The member, whom nobody changes until the transaction ends, and whose session still is one.
   * @param proved as whom the password was shown: it must still be that one.
   */
  private async locked(transaction: Transaction, member: Member, proved?: KnownMember): Promise<KnownMember> {
    const { tenantId, memberId, sessionId } = member;
    await this.credentials.lock(transaction, tenantId, memberId);
    const self = await this.credentials.findMember(transaction, tenantId, memberId);
    const isSigned = (await this.sessions.find(transaction, tenantId, sessionId)) !== undefined;
    if (self === null || !isSigned) throw new AppError('invalid_api_key', { message: 'Your session has ended. Sign in again.' });
    if (proved !== undefined && self.credential?.passwordHash !== proved.credential?.passwordHash)
      throw new AppError('invalid_credentials', { message: 'The password was changed meanwhile.' });
    return self;
  }

  /** Ends all sessions of the member and begins one: whoever knew a secret from before knows nothing. */
  private async goOn(
    transaction: Transaction,
    tenantId: string,
    self: KnownMember,
    call: SignInCall,
    secondFactor: boolean,
  ): Promise<NewSession> {
    await this.sessions.endOfMember(transaction, tenantId, self.id);
    return this.starts.begin(transaction, tenantId, self, call, { method: 'password', secondFactor });
  }

  private async record(
    transaction: Transaction,
    self: KnownMember,
    { tenantId, sessionId }: Member,
    call: SignInCall,
    entry: AuditEntry,
  ): Promise<void> {
    await this.audit.record(transaction, memberActor(tenantId, { ...self, sessionId }, call), entry);
  }
}

export interface BothFactors {
  readonly password: string;
  readonly code: string;
}

function alreadyOn(): AppError {
  return new AppError('conflict', { message: 'There is a second factor already. Take it away first.' });
}
