import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { SignInRequest } from '../../contracts/sign-in.js';
import type { NewSession } from '../sessions/session-record.js';
import { CredentialsRepository, type KnownMember } from './credentials.repository.js';
import { Passwords } from './passwords.js';
import { SecondFactor } from './second-factor.js';
import { SessionStarts, type SignInCall } from './session-starts.js';
import { SignInTries } from './sign-in-tries.js';

/** Signs people in. What is not right is one answer, whether there is such a tenant, member or password or not. */
@Injectable()
export class SignInService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly credentials: CredentialsRepository,
    private readonly passwords: Passwords,
    private readonly tries: SignInTries,
    private readonly secondFactor: SecondFactor,
    private readonly starts: SessionStarts,
  ) {}

  /**
   * Signs a member in with a password.
   * @param tenantId undefined where there is no tenant of the name.
   * @throws AppError invalid_credentials, second_factor_required, rate_limit_exceeded, overloaded.
   */
  async withPassword(tenantId: string | undefined, input: SignInRequest, call: SignInCall): Promise<NewSession> {
    if (tenantId === undefined) {
      await this.passwords.isRight('', null, input.password);
      throw wrong();
    }
    const member = await this.prove(tenantId, input.email, input.password);
    const { code } = input;
    return this.database.run(tenantId, async (transaction) => {
      const now = await this.unchanged(transaction, tenantId, member);
      const hasSecond = this.secondFactor.isOn(now.credential);
      if (hasSecond) await this.secondFactor.demand(transaction, now.credential, code);
      await this.tries.forget(transaction, tenantId, member.email);
      return this.starts.begin(transaction, tenantId, now, call, { method: 'password', secondFactor: hasSecond });
    });
  }

  /**
   * Judges a password, counting the try.
   * @throws AppError invalid_credentials, rate_limit_exceeded, overloaded.
   */
  async prove(tenantId: string, email: string, password: string): Promise<KnownMember> {
    await this.tries.count(tenantId, email);
    const member = await this.database.run(tenantId, (transaction) => this.credentials.findByEmail(transaction, tenantId, email));
    const isRight = await this.passwords.isRight(tenantId, member?.credential?.passwordHash ?? null, password);
    if (member === null || !isRight) throw wrong();
    return member;
  }

  /** The member as it is now: the password that was compared must still be the one. */
  private async unchanged(
    transaction: Parameters<CredentialsRepository['findMember']>[0],
    tenantId: string,
    { id, credential }: KnownMember,
  ): Promise<KnownMember> {
    await this.credentials.lock(transaction, tenantId, id);
    const now = await this.credentials.findMember(transaction, tenantId, id);
    if (now?.credential?.passwordHash !== credential?.passwordHash || now === null) throw wrong();
    return now;
  }
}

function wrong(): AppError {
  return new AppError('invalid_credentials', {
    message: 'No member of this tenant has this e-mail address with this password.',
  });
}
